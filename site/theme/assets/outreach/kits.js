/* Checks a kit that somebody has, without uploading it: the file is read here, and compared with the site's list.
   The digest is made as pipeline/partners/kits/manifest.py says. */
(function () {
  "use strict";

  var box = document.getElementById("kit-check");
  if (!box || !window.fetch || !window.FileReader || !window.crypto || !window.crypto.subtle) { return; }
  var MOST = 20000, HEAD = "manifest.json", README = "README.txt";
  var input = document.getElementById("kit-file"), result = document.getElementById("kit-result");
  var asked = 0;
  box.hidden = false;

  function say(name, values) {
    var text = box.getAttribute("data-" + name.replace(/_/g, "-"));
    Object.keys(values || {}).forEach(function (key) { text = text.split("{" + key + "}").join(values[key]); });
    return text;
  }

  function bytes(blob) {
    return new Promise(function (done, failed) {
      var reader = new FileReader();
      reader.onload = function () { done(reader.result); };
      reader.onerror = function () { failed(reader.error); };
      reader.readAsArrayBuffer(blob);
    });
  }

  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (one) {
      return ("0" + one.toString(16)).slice(-2);
    }).join("");
  }

  function sha256(data) { return window.crypto.subtle.digest("SHA-256", data).then(hex); }

  function no_kit() { throw new Error("no kit"); }

  /* --- ZIP: the list at its end, then each file by itself --- */

  function entries(file) {
    var tail = Math.min(file.size, 65557);
    return bytes(file.slice(file.size - tail)).then(function (data) {
      var view = new DataView(data), at = data.byteLength - 22;
      while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) { at -= 1; }
      if (at < 0) { no_kit(); }
      var count = view.getUint16(at + 10, true), size = view.getUint32(at + 12, true), start = view.getUint32(at + 16, true);
      if (count > MOST || start + size > file.size) { no_kit(); }
      return bytes(file.slice(start, start + size)).then(function (list) { return listed(list, count); });
    });
  }

  function listed(data, count) {
    var view = new DataView(data), names = new TextDecoder(), at = 0, found = [];
    for (var number = 0; number < count; number += 1) {
      if (view.getUint32(at, true) !== 0x02014b50) { no_kit(); }
      var name = view.getUint16(at + 28, true), extra = view.getUint16(at + 30, true), note = view.getUint16(at + 32, true);
      found.push({
        name: names.decode(new Uint8Array(data, at + 46, name)),
        method: view.getUint16(at + 10, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        at: view.getUint32(at + 42, true)
      });
      at += 46 + name + extra + note;
    }
    return found.filter(function (one) { return one.name.slice(-1) !== "/"; });
  }

  function content(file, entry, most) {
    if (entry.size > most) { return Promise.resolve(null); }
    return bytes(file.slice(entry.at, entry.at + 30)).then(function (data) {
      var view = new DataView(data);
      if (view.getUint32(0, true) !== 0x04034b50) { no_kit(); }
      var start = entry.at + 30 + view.getUint16(26, true) + view.getUint16(28, true);
      var packed = file.slice(start, start + entry.packed);
      if (entry.method === 0) { return bytes(packed); }
      if (entry.method !== 8 || !window.DecompressionStream) { no_kit(); }
      return unpacked(packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader(), most);
    });
  }

  /* A file that says it is small and is not: what is longer than the manifest says is not read to its end. */
  function unpacked(reader, most) {
    var parts = [], length = 0;
    function next() {
      return reader.read().then(function (piece) {
        if (piece.done) { return bytes(new Blob(parts)); }
        length += piece.value.length;
        if (length > most) { reader.cancel(); return null; }
        parts.push(piece.value);
        return next();
      });
    }
    return next();
  }

  function held(file) {
    if (/\.json$/i.test(file.name)) {
      if (file.size > 4000000) { no_kit(); }
      return bytes(file).then(function (data) { return { manifest: parsed(data), files: null }; });
    }
    return entries(file).then(function (found) {
      var roots = found.filter(function (one) { return one.name.split("/").pop() === HEAD; })
        .map(function (one) { return one.name.slice(0, -HEAD.length); })
        .sort(function (one, other) { return one.length - other.length; });
      if (!roots.length) { no_kit(); }
      var root = roots[0], head = found.filter(function (one) { return one.name === root + HEAD; })[0];
      return content(file, head, 4000000).then(function (data) {
        var manifest = parsed(data), sizes = {}, files = {};
        manifest.files.forEach(function (one) { sizes[one.path] = one.size; });
        return found.reduce(function (before, one) {
          return before.then(function () {
            var path = one.name.indexOf(root) === 0 ? one.name.slice(root.length) : "../" + one.name;
            if (path === HEAD) { return null; }
            if (files.hasOwnProperty(path)) { files[path] = ""; return null; }
            return content(file, one, sizes.hasOwnProperty(path) ? sizes[path] : 0).then(function (data_of_it) {
              return data_of_it === null ? "" : sha256(data_of_it);
            }).then(function (hash) { files[path] = hash; });
          });
        }, Promise.resolve()).then(function () { return { manifest: manifest, files: files }; });
      });
    });
  }

  function parsed(data) {
    var manifest = JSON.parse(new TextDecoder().decode(data));
    if (!manifest || typeof manifest.kit !== "string" || !Array.isArray(manifest.files)) { no_kit(); }
    return manifest;
  }

  function own_digest(manifest) {
    var hashes = {};
    manifest.files.forEach(function (one) { hashes[one.path] = one.sha256; });
    var lines = [manifest.kit, manifest.language, manifest.partner || "", manifest.state, manifest.valid_until, manifest.embargo || ""];
    in_order(Object.keys(hashes)).forEach(function (path) {
      if (path !== HEAD && path !== README) { lines.push(hashes[path] + "  " + path); }
    });
    return sha256(new TextEncoder().encode(lines.join("\n")));
  }

  /* By code points, as Python sorts; paths of kits are plain letters. */
  function in_order(names) { return names.sort(function (one, other) { return one < other ? -1 : one > other ? 1 : 0; }); }

  /* --- what it is worth --- */

  function differing(mine) {
    if (!mine.files) { return []; }
    var wanted = {}, found = [];
    mine.manifest.files.forEach(function (one) { wanted[one.path] = one.sha256; });
    Object.keys(wanted).forEach(function (path) { if (mine.files[path] !== wanted[path]) { found.push(path); } });
    Object.keys(mine.files).forEach(function (path) { if (!wanted.hasOwnProperty(path)) { found.push(path); } });
    return in_order(found);
  }

  function judged(mine, versions) {
    return own_digest(mine.manifest).then(function (digest) {
      var manifest = mine.manifest, bad = differing(mine), lines = [];
      if (digest !== manifest.digest) { bad.push(HEAD); }
      var known = versions.kits[manifest.kit + "/" + manifest.language];
      var claimed = manifest.partner ? manifest.base || {} : manifest;
      if (manifest.partner) { lines.push(say("result_partner", { partner: manifest.partner })); }
      if (!mine.files) { lines.push(say("result_no_files")); }
      var own = known && (claimed.digest === known.digest ? known.version : known.earlier[claimed.digest]);
      if (known && !own && !manifest.partner && !bad.length) { bad.push(HEAD); }
      if (bad.length) { return show(true, say("result_altered"), lines, bad, known); }
      if (!known || !own) { return show(true, say("result_unknown"), lines); }
      if (known.state === "recalled" || manifest.state === "recalled") { return show(true, say("result_recalled"), lines); }
      if (own !== known.version) { return outdated(mine, own, known, lines); }
      var today = new Date().toISOString().slice(0, 10);
      if (manifest.valid_until < today) {
        return show(true, say("result_expired", { until: manifest.valid_until }), lines, [], known);
      }
      return show(false, say("result_current", { version: own, until: manifest.valid_until }), lines);
    });
  }

  function outdated(mine, own, known, lines) {
    var what = say("result_outdated", { version: own, newest: known.version });
    return fetch(box.getAttribute("data-kits") + known.manifest).then(function (answer) { return answer.json(); }).then(function (newest) {
      show(true, what, lines.concat(say("result_changed")), changed(mine.manifest, newest), known);
    }, function () { show(true, what, lines, [], known); });
  }

  function changed(mine, newest) {
    var before = {}, after = {}, told = [];
    mine.files.forEach(function (one) { before[one.path] = one.sha256; });
    newest.files.forEach(function (one) { after[one.path] = one.sha256; });
    in_order(Object.keys(after)).forEach(function (path) {
      if (path === README) { return; }
      if (!before.hasOwnProperty(path)) { told.push(say("change_added", { path: path })); }
      else if (before[path] !== after[path]) { told.push(say("change_changed", { path: path })); }
    });
    in_order(Object.keys(before)).forEach(function (path) {
      if (!after.hasOwnProperty(path)) { told.push(say("change_removed", { path: path })); }
    });
    return told.length ? told : [say("change_facts")];
  }

  function show(care, verdict, lines, items, known) {
    result.className = care ? "kit-care" : "";
    result.textContent = "";
    add("p", verdict, "kit-verdict");
    (lines || []).forEach(function (line) { add("p", line); });
    if (items && items.length) {
      var list = document.createElement("ul");
      items.slice(0, 50).forEach(function (item) {
        var row = document.createElement("li");
        row.textContent = item;
        list.appendChild(row);
      });
      result.appendChild(list);
    }
    if (known && care) {
      var link = document.createElement("a");
      link.href = box.getAttribute("data-kits") + known.zip;
      link.setAttribute("download", "");
      link.textContent = say("result_download");
      result.appendChild(link);
    }
  }

  function add(kind, text, name) {
    var made = document.createElement(kind);
    made.textContent = text;
    if (name) { made.className = name; }
    result.appendChild(made);
  }

  input.addEventListener("change", function () {
    var file = input.files[0], mine = asked += 1;
    if (!file) { return; }
    result.className = "";
    result.textContent = say("result_working");
    fetch(box.getAttribute("data-versions")).then(function (answer) {
      if (!answer.ok) { throw new Error("no list"); }
      return answer.json();
    }).then(function (versions) {
      return held(file).then(function (found) { if (mine === asked) { return judged(found, versions); } });
    }).catch(function () { if (mine === asked) { show(true, say("result_no_kit")); } });
  });
}());

/* Checks a certificate on this device: reckons the checksum of what its code says, and looks it up in the site's list.
   The code comes from the fragment of the address, which browsers send to nobody; nothing is stored. */
(function () {
  "use strict";

  var form = document.querySelector("[data-certificate]");
  if (!form) { return; }
  var answer = document.querySelector("[data-answer]");
  var told = answer.querySelector("[data-told]");
  var FORM = "certificate-1";
  var FIELDS = ["name", "session", "hours", "day", "programme"];
  var turn = 0;

  function say(name, record) {
    Array.prototype.forEach.call(answer.querySelectorAll("[data-says]"), function (one) {
      one.hidden = one.getAttribute("data-says") !== name;
    });
    told.hidden = !record;
    FIELDS.forEach(function (field, place) {
      told.querySelector("[data-field=" + field + "]").textContent = record ? record[place + 1] : "";
    });
  }

  function bytes(text) {
    if (!/^[\w-]+$/.test(text)) { throw new Error("no code"); }
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    // The last letter has bits that say nothing: another letter there would give the same bytes.
    if (btoa(plain).replace(/=+$/, "") !== text.replace(/-/g, "+").replace(/_/g, "/")) { throw new Error("no code"); }
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function hex(data) {
    return Array.prototype.map.call(data, function (one) { return ("0" + one.toString(16)).slice(-2); }).join("");
  }

  function read(text) {
    var parts = text.trim().split("#").pop().split(".");
    var data = bytes(parts[1]);
    var digest = hex(bytes(parts[0]));
    if (parts.length !== 2 || digest.length !== 36) { throw new Error("no code"); }
    return { begins: digest, data: data };
  }

  function check(text) {
    var mine = turn += 1;
    var found;
    try { found = read(text); } catch (error) { say("no_code"); return; }
    if (!window.crypto || !crypto.subtle) { say("no_crypto"); return; }
    say("checking");
    crypto.subtle.digest("SHA-256", found.data).then(function (sum) {
      var digest = hex(new Uint8Array(sum));
      if (digest.slice(0, found.begins.length) !== found.begins) { return ["altered"]; }
      var record = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(found.data));
      if (!Array.isArray(record) || record[0] !== FORM) { return ["no_code"]; }
      return fetch(form.getAttribute("data-certificate"), { cache: "no-cache", credentials: "omit" })
        .then(function (reply) {
          if (!reply.ok) { throw new Error("no list"); }
          return reply.json();
        }).then(function (list) {
          if (list.revoked.indexOf(digest) >= 0) { return ["revoked", record]; }
          return list.issued.indexOf(digest) >= 0 ? ["valid", record] : ["unknown"];
        });
    }).catch(function (error) {
      return [error instanceof SyntaxError ? "no_code" : "no_list"];
    }).then(function (said) {
      if (mine === turn) { say(said[0], said[1]); }
    });
  }

  function here() {
    if (location.hash.length > 1) { check(location.hash); }
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    check(form.elements.code.value);
  });
  window.addEventListener("hashchange", here);
  here();
}());

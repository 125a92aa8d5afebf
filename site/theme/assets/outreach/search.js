/* The search, fetched when it is first opened. One index is fetched whole, whatever is asked; what is typed is sent
   nowhere and stored nowhere. Words are folded as pipeline/website/stems.py does it. */
(function () {
  "use strict";

  var SHORTEST = 3, LONGEST_ENDING = 6, LONG = 5, SHOWN = 30;
  var WORD = /[\p{L}\p{N}]+(?:['’ʼ][\p{L}\p{N}]+)*/gu;
  var MARKS = /[\u0300-\u036f\u064b-\u065f\u0670\u0640'’ʼ]/g;
  var LIKE = { "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ґ": "г" };
  var BEFORE = ["وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل"];
  var index = null, panel = null, field = null, told = null, list = null, opener = null;

  function folded(word) {
    return word.toLowerCase().replace(/й/g, "\ue000").replace(/ї/g, "\ue001").replace(/[أإآٱىةؤئґ]/g, function (one) {
      return LIKE[one];
    }).normalize("NFD").replace(MARKS, "").normalize("NFC").replace(/\ue000/g, "й").replace(/\ue001/g, "ї");
  }

  function words(text) { return (text.match(WORD) || []).map(folded); }

  // A word, and the stem with which it begins where what follows may be an ending.
  function stems(word) {
    var found = [word];
    function add(text) {
      var other = index.others[text];
      if (other) { found.push(other); }
      // A word that is a stem itself has short endings at most: "passport" is not "pass" with another ending.
      var longest = index.stems[text] ? 2 : LONGEST_ENDING;
      for (var ending = 1; ending <= longest; ending += 1) {
        var length = text.length - ending;
        // Only a stem of some length has an ending longer than itself: "angaj-atorul".
        if (length < SHORTEST || (ending > length && length < LONG)) { break; }
        if (index.stems[text.slice(0, length)]) { found.push(text.slice(0, length)); break; }
      }
    }
    add(word);
    if (index.language === "ar") {
      BEFORE.forEach(function (before) {
        if (word.indexOf(before) === 0 && word.length - before.length >= SHORTEST) {
          found.push(word.slice(before.length));
          add(word.slice(before.length));
        }
      });
    }
    return found;
  }

  function prepare(data) {
    index = { language: data.language, told: data.told, entries: [], stems: {}, others: {} };
    data.stems.split(" ").forEach(function (stem) { index.stems[stem] = true; });
    var pairs = data.others.split(" ");
    for (var at = 0; at + 1 < pairs.length; at += 2) { index.others[pairs[at]] = pairs[at + 1]; }
    var cache = {};
    function all(text) {
      var found = {};
      words(text).forEach(function (word) {
        (cache[word] = cache[word] || stems(word)).forEach(function (stem) { found[stem] = true; });
      });
      return found;
    }
    data.titles.forEach(function (title, at) {
      index.entries.push({
        kind: Number(data.kinds[at]), url: data.urls[at], title: title, summary: data.summaries[at],
        places: [all(title), all(data.summaries[at]), all(data.words[at])]
      });
    });
  }

  // How well an entry answers one word: 0 not at all, most where the title says it. A word that is still being typed
  // is found by its beginning.
  function weight(entry, asked, beginning) {
    for (var place = 0; place < 3; place += 1) {
      for (var at = 0; at < asked.length; at += 1) {
        if (Object.prototype.hasOwnProperty.call(entry.places[place], asked[at])) { return 6 / (1 + place * 1.5); }
      }
      if (beginning.length >= SHORTEST) {
        for (var word in entry.places[place]) {
          if (word.indexOf(beginning) === 0) { return 5 / (1 + place * 1.5); }
        }
      }
    }
    return 0;
  }

  function search(text) {
    var asked = words(text).filter(function (word, at, all) { return word.length > 1 && all.indexOf(word) === at; });
    var stemmed = asked.map(stems), found = [];
    index.entries.forEach(function (entry, order) {
      var sum = 0, hits = 0;
      asked.forEach(function (word, at) {
        var one = weight(entry, stemmed[at], word);
        if (one) { hits += 1; sum += one; }
      });
      // Short words such as "de" may be missing; of the others, all have to be there, or, of many, all but one.
      var needed = asked.filter(function (word) { return word.length > SHORTEST; }).length || 1;
      if (hits && hits >= (needed > 2 ? needed - 1 : needed)) { found.push([entry, sum + (hits === asked.length ? 4 : 0), order]); }
    });
    return found.sort(function (one, other) {
      // Helplines and the pages for help come before everything else that was found.
      var first = Math.min(one[0].kind, 2) - Math.min(other[0].kind, 2);
      return first || other[1] - one[1] || one[2] - other[2];
    }).map(function (one) { return one[0]; });
  }

  function show() {
    list.textContent = "";
    if (!words(field.value).length) { told.textContent = ""; return; }
    var found = search(field.value);
    told.textContent = found.length ? index.told.search_found.replace("{count}", found.length) : index.told.search_none;
    found.slice(0, SHOWN).forEach(function (entry) {
      var row = document.createElement("li"), link = document.createElement("a");
      link.href = base() + index.language + "/" + entry.url;
      link.textContent = entry.title;
      link.dir = "auto";
      row.appendChild(link);
      if (entry.kind === 0) { row.className = "search-number"; }
      if (entry.summary) {
        var more = document.createElement("p");
        more.textContent = entry.summary;
        more.dir = "auto";
        row.appendChild(more);
      }
      list.appendChild(row);
    });
  }

  function base() { return opener.getAttribute("data-search").replace(/search\/[^/]*$/, ""); }

  function make(tag, name, parent) {
    var one = document.createElement(tag);
    if (name) { one.className = name; }
    parent.appendChild(one);
    return one;
  }

  function build() {
    panel = document.createElement("section");
    panel.className = "search";
    panel.setAttribute("role", "search");
    panel.id = "site-search";
    var inner = make("div", "search-inner", panel), label = make("label", "", inner), row = make("div", "search-row", inner);
    label.textContent = index.told.search_label;
    label.htmlFor = "site-search-field";
    field = make("input", "", row);
    field.id = "site-search-field";
    field.type = "search";
    field.autocomplete = "off";
    field.setAttribute("autocapitalize", "none");
    field.setAttribute("spellcheck", "false");
    field.setAttribute("aria-describedby", "site-search-hint");
    var close = make("button", "", row);
    close.type = "button";
    close.textContent = index.told.search_close;
    close.addEventListener("click", shut);
    var hint = make("p", "search-hint", inner);
    hint.id = "site-search-hint";
    hint.textContent = index.told.search_hint;
    told = make("p", "search-told", inner);
    told.setAttribute("role", "status");
    list = make("ol", "search-found", inner);
    panel.addEventListener("keydown", function (event) { if (event.key === "Escape") { shut(); } });
    var waiting = null;
    field.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(show, 150);
    });
    // Nothing of a search is left behind in the page that the browser keeps for its back button.
    window.addEventListener("pagehide", function () { field.value = ""; show(); });
    document.querySelector(".site-header").insertAdjacentElement("afterend", panel);
    opener.setAttribute("aria-controls", panel.id);
  }

  function open() {
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    field.focus();
  }

  function shut() {
    panel.hidden = true;
    field.value = "";
    show();
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  window.outreachSearch = function (link) {
    opener = link;
    if (panel) { if (panel.hidden) { open(); } else { shut(); } return; }
    if (opener.getAttribute("aria-busy")) { return; }
    opener.setAttribute("aria-busy", "true");
    fetch(link.getAttribute("data-search")).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.json();
    }).then(function (data) {
      prepare(data);
      build();
      open();
    }).catch(function () { window.location.href = link.href; }).then(function () {
      opener.removeAttribute("aria-busy");
    });
  };
}());

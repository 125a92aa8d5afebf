/* The script of every page. It stores nothing and asks nothing of any server.
   Leaving quickly: the behaviour follows the component "Exit this page" of the GOV.UK Design System. */
(function () {
  "use strict";

  var main = document.querySelector("[data-exit-main]");
  var PRESSES = 3;
  var PATIENCE = 5000;

  function leaving() {
    var count = 0, alone = false, timer = null, overlay = null, dots = null, told = null;

    function say(text) { told.textContent = text; }

    function show() {
      dots.className = "exit-dots" + (count ? " exit-dots-on exit-dots-" + count : "");
    }

    function start_again() {
      window.clearTimeout(timer);
      count = 0;
      show();
    }

    function leave(target) {
      start_again();
      document.body.classList.add("leaving");
      overlay = document.createElement("div");
      overlay.className = "exit-overlay";
      overlay.setAttribute("role", "alert");
      document.body.appendChild(overlay);
      overlay.textContent = main.getAttribute("data-loading");
      window.location.href = target;
    }

    function came_back() {
      document.body.classList.remove("leaving");
      if (overlay) { overlay.remove(); overlay = null; }
      say("");
      start_again();
    }

    function pressed() {
      count += 1;
      show();
      window.clearTimeout(timer);
      if (count >= PRESSES) { leave(main.href); return; }
      say(main.getAttribute(count === 1 ? "data-two" : "data-one"));
      timer = window.setTimeout(function () {
        start_again();
        say(main.getAttribute("data-expired"));
      }, PATIENCE);
    }

    dots = document.createElement("span");
    dots.className = "exit-dots";
    dots.setAttribute("aria-hidden", "true");
    for (var i = 0; i < PRESSES; i += 1) { dots.appendChild(document.createElement("i")); }
    main.appendChild(dots);
    told = document.createElement("span");
    told.className = "unseen";
    told.setAttribute("role", "status");
    main.parentNode.appendChild(told);

    document.querySelectorAll("[data-exit]").forEach(function (link) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        leave(link.href);
      });
    });
    // Shift counts when it goes down and up with nothing in between: a capital letter is not a wish to leave.
    document.addEventListener("keydown", function (event) {
      if (event.key === "Shift") { if (!event.repeat) { alone = true; } return; }
      alone = false;
      if (count) { start_again(); say(""); }
    });
    document.addEventListener("keyup", function (event) {
      if (event.key === "Shift" && alone) { alone = false; pressed(); }
    });
    window.addEventListener("pageshow", came_back);
  }

  function sharing() {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      if (!navigator.clipboard) { return; }
      button.hidden = false;
      var label = button.textContent;
      button.addEventListener("click", function () {
        var text = document.getElementById(button.getAttribute("data-copy")).innerText;
        navigator.clipboard.writeText(text).then(function () {
          button.textContent = button.getAttribute("data-done");
          button.setAttribute("aria-live", "polite");
          window.setTimeout(function () { button.textContent = label; }, 3000);
        });
      });
    });
    document.querySelectorAll("[data-share]").forEach(function (button) {
      if (!navigator.share) { return; }
      button.hidden = false;
      button.addEventListener("click", function () {
        var text = document.getElementById(button.getAttribute("data-share")).innerText;
        navigator.share({ text: text }).catch(function () { /* the person changed their mind */ });
      });
    });
  }

  // The search is fetched when somebody asks for it; until then its link leads to a list.
  function searching() {
    var link = document.querySelector("[data-search]");
    if (!link || !window.fetch) { return; }
    link.textContent = link.getAttribute("data-search-label");
    link.setAttribute("role", "button");
    link.addEventListener("click", function (event) {
      event.preventDefault();
      if (window.outreachSearch) { window.outreachSearch(link); return; }
      if (link.getAttribute("aria-busy")) { return; }
      link.setAttribute("aria-busy", "true");
      var script = document.createElement("script");
      script.src = link.getAttribute("data-search-script");
      script.onload = function () { link.removeAttribute("aria-busy"); window.outreachSearch(link); };
      script.onerror = function () { window.location.href = link.href; };
      document.head.appendChild(script);
    });
    link.addEventListener("keydown", function (event) {
      if (event.key === " ") { event.preventDefault(); link.click(); }
    });
  }

  if (main) { leaving(); }
  sharing();
  searching();
}());

/* Inside the frame: says how high it is, and looks whether the message was corrected or taken back. Stores nothing. */
(function () {
  "use strict";

  var root = document.documentElement;
  var version = root.getAttribute("data-version");
  var slug = (/[?&]p=([a-z0-9-]{1,80})(?:&|$)/.exec(location.search) || [])[1];
  /* How WordPress asks for the height of what it embeds. */
  var secret = (/[#?&]secret=([A-Za-z0-9]{1,32})/.exec(location.hash) || [])[1];
  var every = 5 * 60 * 1000;
  var last = 0;

  function tell() {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ outreach: "height", height: height }, "*");
    if (secret) { window.parent.postMessage({ message: "height", value: height, secret: secret }, "*"); }
  }

  function look() {
    if (document.hidden || Date.now() - last < 1000) { return; }
    last = Date.now();
    fetch(location.href.split("#")[0], { cache: "no-cache", credentials: "omit" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (text) {
      var found = /<html [^>]*data-version="([0-9a-f]+)"/.exec(text);
      if (found && found[1] !== version) { location.reload(); }
    }).catch(function () { /* No connection: what is shown stays, and the next look tries again. */ });
  }

  if (slug) {
    Array.prototype.forEach.call(document.querySelectorAll("a[data-site]"), function (link) {
      link.href += "?p=" + slug;
    });
  }
  if (secret) {
    /* WordPress asks again once it listens, and shows the frame when it has heard how high it is. */
    window.addEventListener("message", function (event) {
      if (event.data && event.data.message === "ready" && event.data.secret === secret) { tell(); }
    });
    /* WordPress's frames open no windows: it follows a link to this site itself when it is asked to. */
    Array.prototype.forEach.call(document.querySelectorAll("a[data-site]"), function (link) {
      link.addEventListener("click", function (event) {
        event.preventDefault();
        window.parent.postMessage({ message: "link", value: link.href, secret: secret }, "*");
      });
    });
  }
  tell();
  window.addEventListener("load", tell);
  if (window.ResizeObserver) { new ResizeObserver(tell).observe(document.body); }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.setInterval(look, every);
}());

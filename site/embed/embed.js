/* Shows messages of this site in the page of a partner:
     <a class="outreach-embed" href="https://…/ro/campaign/message/" data-partner="slug">Title</a>
     <script async src="https://…/embed/embed.js"></script>
   Each link becomes a sandboxed frame; without this script it stays a link. Nothing is stored and nothing is read of the
   page; the slug in data-partner is the only thing that is told. The frame keeps itself up to date. */
(function () {
  "use strict";

  var here = document.currentScript ? document.currentScript.src : "";
  var base = here.replace(/embed\/embed\.js(?:[?#].*)?$/, "");
  var frames = [];

  function show(link) {
    var address = link.href.split(/[?#]/)[0];
    if (link.getAttribute("data-shown") || !base || address.indexOf(base) !== 0) { return; }
    var slug = link.getAttribute("data-partner") || "";
    var frame = document.createElement("iframe");
    frame.src = base + "embed/" + address.slice(base.length) + (/^[a-z0-9-]{1,80}$/.test(slug) ? "?p=" + slug : "");
    frame.title = link.textContent;
    frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.setAttribute("loading", "lazy");
    frame.setAttribute("width", "100%");
    frame.setAttribute("height", "480");
    /* Properties, not a style attribute: a page may forbid the latter. */
    frame.style.border = "0";
    frame.style.maxWidth = "40rem";
    frame.style.display = "block";
    frames.push(frame);
    link.setAttribute("data-shown", "1");
    link.parentNode.insertBefore(frame, link);
    link.hidden = true;
  }

  function all() {
    Array.prototype.forEach.call(document.querySelectorAll("a.outreach-embed"), show);
  }

  window.addEventListener("message", function (event) {
    var told = event.data;
    if (!told || told.outreach !== "height" || !(told.height > 0 && told.height < 5000)) { return; }
    frames.forEach(function (frame) {
      if (frame.contentWindow === event.source) { frame.setAttribute("height", String(Math.ceil(told.height))); }
    });
  });

  all();
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", all); }
}());

/* Narrows a sheet of the storefront down, and puts a partner's short name into the code. It stores and asks nothing. */
(function () {
  "use strict";

  var form = document.querySelector("[data-sift]");
  if (!form) { return; }
  var offers = Array.prototype.slice.call(document.querySelectorAll(".offer"));
  var codes = Array.prototype.map.call(document.querySelectorAll("[data-code]"), function (code) {
    return { at: code, text: code.textContent };
  });
  var status = form.querySelector("[role=status]");
  var slug = form.querySelector("[data-slug]");

  function value(name) { return form.querySelector("[data-by=" + name + "]").value; }

  function sift() {
    var found = 0;
    offers.forEach(function (offer) {
      var fits = ["campaign", "audience"].every(function (name) {
        return !value(name) || offer.getAttribute("data-" + name) === value(name);
      }) && (!value("since") || offer.getAttribute("data-day") >= value("since"));
      offer.hidden = !fits;
      if (fits) { found += 1; }
    });
    status.textContent = status.getAttribute("data-found").replace("{count}", found);
  }

  function name() {
    var given = slug.value.trim().toLowerCase();
    var good = /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(given) ? given : "";
    slug.setAttribute("aria-invalid", given && !good ? "true" : "false");
    codes.forEach(function (code) {
      code.at.textContent = code.text.replace('data-partner=""', 'data-partner="' + good + '"')
        .replace(/(<iframe src="[^"?]*)"/, good ? '$1?p=' + good + '"' : '$1"');
    });
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function (event) { (event.target === slug ? name : sift)(); });
  form.addEventListener("reset", function () { window.setTimeout(function () { sift(); name(); }, 0); });
  sift();
}());

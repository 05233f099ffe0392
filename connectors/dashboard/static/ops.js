"use strict";
// Says whether the figures on the screen are live; they must never look fresh when they are not.
(function () {
  const SILENT_MS = 15000;
  const pulse = document.getElementById("pulse");
  let heard = Date.now();

  function tell(live) {
    if (!pulse) { return; }
    const seen = document.getElementById("seen-at");
    const text = live ? pulse.dataset.live : pulse.dataset.frozen + " " + (seen ? seen.textContent : "");
    pulse.hidden = false;
    pulse.classList.toggle("frozen", !live);
    if (pulse.textContent !== text) { pulse.textContent = text; }
  }

  document.addEventListener("htmx:sseMessage", function () { heard = Date.now(); tell(true); });
  document.addEventListener("htmx:sseError", function () { tell(false); });
  document.addEventListener("htmx:sseClose", function () { heard = 0; tell(false); });
  window.setInterval(function () { if (Date.now() - heard > SILENT_MS) { tell(false); } }, 1000);
})();

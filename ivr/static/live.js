// Keeps the live part of a page fresh. Without scripts the page refreshes itself as a whole.
"use strict";

const EVERY_MS = 4000;
const PATIENCE_MS = 10000;

async function refresh() {
  const here = document.getElementById("live");
  if (!here || !here.dataset.live) return;
  if (document.hidden) return void setTimeout(refresh, EVERY_MS);
  try {
    const answer = await fetch(here.dataset.live, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.getElementById("live");
    // Signed out, calls over, paused elsewhere: the buttons change too, so the whole page is loaded again.
    if (!there || there.dataset.state !== here.dataset.state) return void location.reload();
    here.replaceWith(there);
  } catch {
    // A slow network is no news: what stands here says when it was true.
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);

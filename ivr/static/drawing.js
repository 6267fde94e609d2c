// A drawing that is wider than the screen begins with its middle, where the call begins.
"use strict";

for (const box of document.querySelectorAll(".drawing")) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;

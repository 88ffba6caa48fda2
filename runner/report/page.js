"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  const picker = byId("date");
  if (picker) {
    const counts = JSON.parse(byId("counts").textContent);
    const shade = (accredited, most) => (accredited ? Math.max(1, Math.ceil(5 * Math.sqrt(accredited / most))) : 1);
    const show = () => {
      const states = counts[picker.value];
      const most = Math.max(0, ...Object.values(states).map(([accredited]) => accredited));
      for (const tile of byId("map").children) {
        const found = states[tile.dataset.state];
        const [accredited, facilities] = found || [0, 0];
        const says = `${tile.dataset.name}: ${accredited} of ${facilities} accredited`;
        tile.className = `tile q${found ? shade(accredited, most) : 0}`;
        tile.title = says;
        tile.querySelector("b").textContent = facilities ? accredited : "";
        tile.querySelector(".heard").textContent = says;
      }
      for (const item of byId("legend").querySelectorAll("[data-shade]")) {
        const number = Number(item.dataset.shade);
        const end = Math.floor((most * number ** 2) / 25);
        const start = number === 1 ? 0 : Math.floor((most * (number - 1) ** 2) / 25) + 1;
        const [from, to] = [start, end].map((one) => one.toLocaleString("en-US"));
        item.hidden = start > end;
        item.lastElementChild.textContent = start === end ? from : `${from} to ${to}`;
      }
      byId("date-shown").textContent = picker.value;
    };
    byId("date-shown").hidden = true;
    picker.hidden = false;
    picker.addEventListener("change", show);
  }

  const table = byId("expirations");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const search = byId("search");
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        found += row.hidden ? 0 : 1;
      }
      byId("found").textContent = words.length ? `${found} of ${rows.length} shown` : "";
    };
    search.closest("[hidden]").hidden = false;
    search.addEventListener("input", filter);

    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.dataset.title = header.textContent;
      header.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = header.getAttribute("aria-sort") === "ascending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", down ? "descending" : "ascending");
        const text = (row) => row.cells[column].textContent;
        rows.sort((a, b) => text(a).localeCompare(text(b), "en", { numeric: true }) * (down ? -1 : 1));
        body.append(...rows);
      });
    });
  }

  const closed = [];
  addEventListener("beforeprint", () => {
    // The figures of the charts are printed only if the reader has opened them: they may be hundreds of rows.
    for (const one of document.querySelectorAll("details:not([open]):not(.figures)")) {
      closed.push(one);
      one.open = true;
    }
  });
  addEventListener("afterprint", () => closed.splice(0).forEach((one) => (one.open = false)));
})();

// Tables of class nqp-sortable: a button in every head sorts, also by keyboard; fields above the first one filter.
document.addEventListener("DOMContentLoaded", () => {
  const tables = [...document.querySelectorAll("table.nqp-sortable")];
  const order = new Intl.Collator("en", { numeric: true });

  const sort = (table, column, head) => {
    const down = head.dataset.kind === "number"; // the highest number first, the first letter first
    const before = head.getAttribute("aria-sort");
    const direction = before ? (before === "ascending" ? "descending" : "ascending") : down ? "descending" : "ascending";
    const sign = direction === "ascending" ? 1 : -1;
    const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if ((x === "") !== (y === "")) return x === "" ? 1 : -1; // what is missing stays last
      return sign * (isNaN(x) || isNaN(y) ? order.compare(x, y) : x - y);
    });
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
  };

  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(table, column, head));
      head.replaceChildren(button);
    });
  }

  for (const box of document.querySelectorAll(".nqp-filter")) {
    const field = box.querySelector("input");
    const choices = [...box.querySelectorAll("select")];
    const count = box.querySelector("output");
    box.hidden = false;
    box.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = choices.filter((choice) => choice.value);
      let shown = 0;
      for (const row of tables.flatMap((table) => [...table.tBodies[0].rows])) {
        const text = row.textContent.toLowerCase();
        row.hidden = !(words.every((word) => text.includes(word)) &&
          chosen.every((choice) => row.cells[choice.dataset.column].textContent.trim() === choice.value));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = words.length || chosen.length ? `${shown} rows` : "";
    });
  }
});

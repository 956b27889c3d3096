/* riskmap: sorts, filters and searches the table of villages. */
(function () {
  "use strict";
  var table = document.querySelector(".villages table");
  if (!table) { return; }
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var search = document.getElementById("search");
  var township = document.getElementById("township");
  var state = document.getElementById("state");
  var none = document.getElementById("none");
  var order = document.getElementById("order");
  var count = document.getElementById("count");
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);

  function filter() {
    var asked = search.value.trim().toLowerCase(), shown = 0;
    rows.forEach(function (row) {
      var hit = (!asked || row.getAttribute("data-text").toLowerCase().indexOf(asked) >= 0) &&
        (!township.value || row.getAttribute("data-township") === township.value) &&
        (!state.value || row.getAttribute("data-state") === state.value);
      row.hidden = !hit;
      shown += hit ? 1 : 0;
    });
    none.hidden = shown > 0;
    count.textContent = shown === rows.length ? "" : shown + " / " + rows.length;
  }

  function value(row, at) {
    var cell = row.cells[at], sort = cell.getAttribute("data-sort");
    return sort === null ? cell.textContent.trim() : sort === "" ? null : Number(sort);
  }

  function sort(head, down) {
    var at = head.cellIndex;
    var up = down === undefined ? head.getAttribute("aria-sort") !== "ascending" : !down;
    Array.prototype.forEach.call(head.parentNode.cells, function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.map(function (row, place) { return { row: row, key: value(row, at), place: place }; })
      .sort(function (a, b) {
        if (a.key === b.key) { return a.place - b.place; }
        if (a.key === null) { return 1; }
        if (b.key === null) { return -1; }
        var order = typeof a.key === "number" ? a.key - b.key : a.key.localeCompare(b.key, "zh-CN");
        return up ? order : -order;
      })
      .forEach(function (one) { body.appendChild(one.row); });
  }

  [search, township, state].forEach(function (input) {
    input.addEventListener("input", filter);
    input.addEventListener("change", filter);
  });
  Array.prototype.forEach.call(table.querySelectorAll("th button"), function (button) {
    button.addEventListener("click", function () { sort(button.parentNode); });
  });
  order.addEventListener("change", function () {
    var chosen = order.options[order.selectedIndex];
    heads.forEach(function (head) {
      if (order.value && head.textContent.trim() === order.value) {
        sort(head, chosen.getAttribute("data-down") === "1");
      }
    });
  });
  if (window.matchMedia("(max-width:720px)").matches) {
    Array.prototype.forEach.call(table.querySelectorAll("details"), function (one) { one.open = false; });
  }
  document.documentElement.setAttribute("data-ready", "true");
}());

"use strict";
(function () {
  var box = document.getElementById("loc");
  var open = document.getElementById("chi-loi");
  var rows = document.querySelectorAll("tr[data-ten]");
  function plain(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\u0111/g, "d");
  }
  function apply() {
    var wanted = plain(box.value.trim());
    rows.forEach(function (row) {
      var named = plain(row.getAttribute("data-ten")).indexOf(wanted) >= 0;
      row.hidden = !named || (open.checked && row.getAttribute("data-mo") === "0");
    });
  }
  box.addEventListener("input", apply);
  open.addEventListener("change", apply);
})();

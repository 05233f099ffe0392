"use strict";
// Draws the charts of a page from their data; each series has a dash of its own beside its colour.
(function () {
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];
  const HEIGHT = 240;
  // What stands on the page. The figures are swapped for newer ones every few seconds: what is gone
  // is taken down, since the library listens to the window for each chart until it is.
  let standing = [];

  function widthOf(place) { return Math.max(240, place.clientWidth); }

  function colours() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    return dark
      ? { ink: "#9dadbd", grid: "#26323f", lines: ["#7db8ff", "#f2bd57", "#67d69c", "#e59bd8", "#ff938a"] }
      : { ink: "#55606d", grid: "#dfe4ea", lines: ["#0a4f9e", "#a85a00", "#0a6638", "#8a2f7a", "#a3120a"] };
  }

  function text(value, percent) {
    if (value === null || value === undefined) { return "—"; }
    return percent ? (100 * value).toFixed(1) + " %" : value.toLocaleString("en");
  }

  function draw(place) {
    const data = JSON.parse(place.dataset.chart);
    const paint = colours();
    const places = data.labels.map(function (_, number) { return number; });
    const axis = { stroke: paint.ink, grid: { stroke: paint.grid, width: 1 }, ticks: { stroke: paint.grid } };
    const chart = new uPlot({
      width: widthOf(place),
      height: HEIGHT,
      scales: { x: { time: false }, y: { range: function (_, low, high) { return [0, data.percent ? 1 : Math.max(1, high * 1.08)]; } } },
      legend: { live: true },
      cursor: { drag: { x: false, y: false } },
      axes: [
        Object.assign({}, axis, {
          splits: function () { return places; },
          values: function (_, some) { return some.map(function (one) { return data.labels[one]; }); }
        }),
        Object.assign({}, axis, {
          size: 64,
          values: function (_, some) { return some.map(function (one) { return text(one, data.percent); }); }
        })
      ],
      series: [{ label: place.dataset.x, value: function (_, one) { return one === null ? "" : data.labels[one]; } }].concat(
        data.series.map(function (one, number) {
          return {
            label: one.name,
            stroke: paint.lines[number % paint.lines.length],
            dash: DASHES[number % DASHES.length],
            width: 2,
            points: { show: true, size: 6 },
            value: function (_, value) { return text(value, data.percent); }
          };
        })
      )
    }, [places].concat(data.series.map(function (one) { return one.values; })), place);
    place.dataset.drawn = "yes";
    standing.push({ chart: chart, place: place });
  }

  function all() {
    standing = standing.filter(function (one) {
      if (!one.place.isConnected) { one.chart.destroy(); }
      return one.place.isConnected;
    });
    document.querySelectorAll(".chart:not([data-drawn])").forEach(draw);
  }

  window.addEventListener("resize", function () {
    standing.forEach(function (one) { one.chart.setSize({ width: widthOf(one.place), height: HEIGHT }); });
  });
  document.addEventListener("htmx:sseMessage", all);
  all();
})();

/* riskmap: draws what the page brings as data. Text from outside becomes text
   nodes and attributes only, never markup. Written for Chrome 80 and later. */
(function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  var MM = { point: 5.2, line: 3.7, text: 5.2 };
  var DEGREE = 1e6;
  var spec = null;
  var layers = [];
  var labels = [];
  var routes = {};
  var groups = {};
  var found = [];
  var patterns = {};

  /* ---- small helpers --------------------------------------------------- */

  function el(tag, attrs, children) {
    var node = document.createElement(tag);
    Object.keys(attrs || {}).forEach(function (name) {
      if (attrs[name] !== null && attrs[name] !== undefined) { node.setAttribute(name, attrs[name]); }
    });
    [].concat(children === undefined ? [] : children).forEach(function (child) {
      node.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
    });
    return node;
  }

  function svg(tag, attrs, children) {
    var node = document.createElementNS(SVG, tag);
    Object.keys(attrs || {}).forEach(function (name) { node.setAttribute(name, attrs[name]); });
    (children || []).forEach(function (child) { node.appendChild(child); });
    return node;
  }

  function icon(path) {
    return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, [
      svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2,
        "stroke-linecap": "round", "stroke-linejoin": "round" })
    ]);
  }

  function word(name) { return spec.words[name] || name; }

  /* Coordinates come as whole numbers of 1e-6 degree, each the step from the
     one before: latitude, longitude, latitude, longitude, ... */
  function unpack(steps) {
    var lat = 0, lng = 0, out = [];
    for (var i = 0; i < steps.length; i += 2) {
      lat += steps[i];
      lng += steps[i + 1];
      out.push([lat / DEGREE, lng / DEGREE]);
    }
    return out;
  }

  function shape(kind, coded) {
    if (kind === "point") { return unpack(coded)[0]; }
    if (kind === "area") { return coded.map(function (rings) { return rings.map(unpack); }); }
    return coded.map(unpack);
  }

  /* ---- signs ----------------------------------------------------------- */

  function symbolSvg(style, size, number) {
    var parts = [svg("path", { d: style.symbol, fill: style.fill,
      stroke: style.edge || "#fff", "stroke-width": style.width ? style.width * 4.5 : 1.4,
      "stroke-linejoin": "round" })];
    if (style.mark) { parts.push(svg("path", { d: style.mark, fill: style.markFill || "#fff" })); }
    if (number) {
      parts.push(svg("text", { x: 12, y: 12, fill: style.fill.toUpperCase() === "#FFFFFF" ? style.text : style.markFill, "font-size": number.length > 2 ? 9 : 12, "font-weight": 700,
        "text-anchor": "middle", "dominant-baseline": "central" }, [document.createTextNode(number)]));
    }
    return svg("svg", { width: size, height: size, viewBox: "0 0 24 24" }, parts);
  }

  function pattern(style) {
    var id = "rm-hatch-" + style.name;
    if (patterns[id]) { return "url(#" + id + ")"; }
    var strokes = { "/": "M-2 2L2 -2M0 10L10 0M8 12L12 8", "\\": "M-2 8L2 12M0 0L10 10M8 -2L12 2",
      "-": "M0 5H10", "|": "M5 0V10", "x": "M0 10L10 0M0 0L10 10", "+": "M0 5H10M5 0V10" };
    var node = svg("pattern", { id: id, width: 10, height: 10, patternUnits: "userSpaceOnUse" }, [
      svg("rect", { width: 10, height: 10, fill: style.fill, "fill-opacity": style.opacity }),
      svg("path", { d: strokes[style.hatch.charAt(0)] || strokes["/"], stroke: style.edge || style.fill,
        "stroke-width": 1.3, "stroke-opacity": 0.75, fill: "none" })
    ]);
    patterns[id] = node;
    document.getElementById("rm-defs").appendChild(node);
    return "url(#" + id + ")";
  }

  function areaStyle(style) {
    return {
      stroke: style.width !== 0, color: style.edge || style.fill, weight: Math.max(1, style.width * MM.line),
      dashArray: dashes(style), fill: true,
      fillColor: style.hatch ? pattern(style) : style.fill, fillOpacity: style.hatch ? 1 : style.opacity
    };
  }

  function dashes(style) {
    return style.dash && style.dash.length ? style.dash.map(function (mm) { return mm * MM.line; }).join(" ") : null;
  }

  function lineStyle(style, casing) {
    var width = Math.max(1.2, style.width * MM.line);
    return {
      color: casing ? style.casing : style.fill, weight: casing ? width + 2 * style.casingWidth * MM.line : width,
      opacity: casing ? 1 : style.opacity, dashArray: casing ? null : dashes(style),
      lineCap: style.dash && style.dash.length ? "butt" : "round", lineJoin: "round", fill: false
    };
  }

  function swatch(style) {
    if (style.kind === "point") { return symbolSvg(style, Math.min(26, Math.max(16, style.size * MM.point))); }
    var box = svg("svg", { width: 34, height: 20, viewBox: "0 0 34 20" });
    if (style.kind === "area") {
      var look = areaStyle(style);
      box.appendChild(svg("rect", { x: 1.5, y: 1.5, width: 31, height: 17, rx: 2, fill: look.fillColor,
        "fill-opacity": look.fillOpacity, stroke: look.stroke ? look.color : "none", "stroke-width": look.weight,
        "stroke-dasharray": look.dashArray || "none" }));
      return box;
    }
    [true, false].forEach(function (casing) {
      if (casing && !style.casing) { return; }
      var line = lineStyle(style, casing);
      box.appendChild(svg("path", { d: "M1 10H33", stroke: line.color, "stroke-width": Math.min(line.weight, casing ? 12 : 9),
        "stroke-opacity": line.opacity, "stroke-dasharray": line.dashArray || "none" }));
    });
    if (style.kind === "route") {
      box.appendChild(svg("path", { d: "M14 6L19 10L14 14", fill: "none", stroke: "#fff", "stroke-width": 2 }));
    }
    return box;
  }

  /* ---- popups: what to do first, then the facts ------------------------- */

  function popup(feature, layer) {
    var rows = feature.p || [];
    var box = el("div", { "class": "rm-pop" }, el("h2", {}, feature.t || layer.label));
    if (rows.length > 1) {
      box.appendChild(el("p", { "class": "rm-do", style: "border-color:" + layer.styles[feature.s].fill }, [el("small", {}, rows[1][0]), rows[1][1]]));
      var facts = el("dl");
      rows.slice(2).forEach(function (row) {
        facts.appendChild(el("dt", {}, row[0]));
        facts.appendChild(el("dd", {}, row[1]));
      });
      box.appendChild(facts);
    }
    if (layer.key === "shelters" && layer.kind === "point") {
      var at = unpack(feature.g)[0];
      box.appendChild(el("a", { href: "geo:" + at.join(",") + "?q=" + at.join(",") }, word("navigate")));
    }
    return box;
  }

  function bind(target, feature, layer) {
    var narrow = window.innerWidth <= 720, high = window.innerHeight;
    target.bindPopup(function () { return popup(feature, layer); }, {
      maxWidth: narrow ? 270 : 340, maxHeight: Math.max(150, high * (narrow ? 0.26 : 0.5)),
      autoPanPaddingTopLeft: [68, narrow ? 72 : 20], autoPanPaddingBottomRight: narrow ? [12, high * 0.46] : [412, 60]
    });
    found.push({ feature: feature, layer: layer, target: target,
      text: [feature.t || "", layer.label].concat((feature.p || []).map(function (r) { return r[1]; })).join(" ") });
  }

  /* ---- layers ----------------------------------------------------------- */

  function drawPoint(group, feature, style, layer) {
    var size = Math.max(12, Math.round(style.size * (feature.z || 1) * MM.point));
    var marker = L.marker(shape("point", feature.g), {
      interactive: !!feature.p, keyboard: !!feature.p, pane: layer.pane, title: feature.t || "",
      icon: L.divIcon({ className: "rm-symbol",
        html: symbolSvg(style, size, feature.n), iconSize: [size, size] })
    });
    if (feature.p) { bind(marker, feature, layer); }
    group.addLayer(marker);
    if (feature.k) { groups[feature.k] = { marker: marker, layer: layer }; }
    if (feature.l) { addLabel(group, feature, style, marker.getLatLng(), size / 2); }
  }

  function drawArea(group, feature, style, layer) {
    var options = areaStyle(style);
    options.pane = layer.pane;
    options.renderer = layer.renderer;
    options.interactive = !!feature.p;
    var area = L.polygon(shape("area", feature.g), options);
    if (feature.p) { bind(area, feature, layer); }
    group.addLayer(area);
    if (feature.l) { addLabel(group, feature, style, area.getBounds().getCenter(), 0); }
  }

  function drawLine(group, feature, style, layer) {
    var line = shape("line", feature.g), top = null;
    [true, false].forEach(function (casing) {
      if (casing && !style.casing) { return; }
      var options = lineStyle(style, casing);
      options.pane = layer.pane;
      options.renderer = layer.renderer;
      options.interactive = !!feature.p;
      top = L.polyline(line, options);
      group.addLayer(top);
    });
    if (feature.p && top) { bind(top, feature, layer); }
    if (feature.l) { addLabel(group, feature, style, middle(line[0]), 0); }
  }

  function middle(line) {
    return L.latLng(line[Math.floor(line.length / 2)]);
  }

  function drawRoute(group, feature, style, layer) {
    var line = shape("line", feature.g);
    var route = { parts: [], bounds: L.latLngBounds(L.polyline(line).getBounds()), backup: style.dash && style.dash.length > 0 };
    function add(options) {
      options.pane = layer.pane;
      options.renderer = layer.renderer;
      options.className = "rm-route " + (options.className || "");
      var part = L.polyline(line, options);
      route.parts.push(part);
      group.addLayer(part);
      return part;
    }
    if (style.casing) { add(lineStyle(style, true)); }
    var body = add(lineStyle(style, false));
    body.options.interactive = true;
    var dashed = style.dash && style.dash.length > 0;
    if (!dashed) { add({ color: "#fff", weight: 2.6, lineCap: "round", interactive: false, className: "rm-flow" }); }
    var arrows = L.polygon([], { color: "#fff", weight: 1.2, fill: true, fillColor: style.fill, fillOpacity: 1, interactive: false,
      pane: layer.pane, renderer: layer.renderer, className: "rm-route" });
    route.parts.push(arrows);
    group.addLayer(arrows);
    arrows.rmSize = dashed ? 0.8 : 1;
    arrows.rmLine = line;
    layer.arrows.push(arrows);
    if (feature.p) { bind(body, feature, layer); }
    if (feature.k) {
      (routes[feature.k] = routes[feature.k] || []).push(route);
      body.on("click", function () { focusRoute(feature.k, false); });
    }
    if (feature.l) { addLabel(group, feature, style, along(line[0], 0.5), 0, dashed ? null : line[0]); }
  }

  function along(line, share) {
    var total = 0, steps = [], i;
    for (i = 1; i < line.length; i += 1) {
      steps.push(L.CRS.Earth.distance(L.latLng(line[i - 1]), L.latLng(line[i])));
      total += steps[i - 1];
    }
    var left = total * share;
    for (i = 0; i < steps.length; i += 1) {
      if (left <= steps[i] && steps[i] > 0) {
        var f = left / steps[i];
        return L.latLng(line[i][0] + f * (line[i + 1][0] - line[i][0]), line[i][1] + f * (line[i + 1][1] - line[i][1]));
      }
      left -= steps[i];
    }
    return L.latLng(line[line.length - 1]);
  }

  /* Arrowheads at even steps on the screen, pointing in the order of the line. */
  function arrowheads(map, line, gap, size) {
    var out = [], points = line.map(function (p) { return map.latLngToLayerPoint(p); }), left = gap / 2;
    for (var i = 1; i < points.length; i += 1) {
      var a = points[i - 1], b = points[i], length = a.distanceTo(b);
      while (length > 0 && left <= length) {
        var ux = (b.x - a.x) / length, uy = (b.y - a.y) / length, x = a.x + ux * left, y = a.y + uy * left;
        out.push([[[-6, -7], [9, 0], [-6, 7], [-3, 0]].map(function (c) {
          c = [c[0] * size, c[1] * size];
          return map.layerPointToLatLng([x + ux * c[0] - uy * c[1], y + uy * c[0] + ux * c[1]]);
        })]);
        left += gap;
      }
      left -= length;
    }
    return out;
  }

  function redrawArrows(map) {
    layers.forEach(function (layer) {
      layer.arrows.forEach(function (arrows) {
        var all = [];
        arrows.rmLine.forEach(function (line) { all = all.concat(arrowheads(map, line, 90, arrows.rmSize)); });
        arrows.setLatLngs(all);
      });
    });
  }

  function makeLayer(map, data) {
    var at = layers.length;
    var base = data.emphasis === "base";
    var pane = "rm-" + at;
    map.createPane(pane).style.zIndex = data.kind === "point" ? 600 + at : 400 + at;
    data.pane = pane;
    data.arrows = [];
    data.renderer = data.kind === "point" ? null : base ? L.canvas({ pane: pane, padding: 0.2 }) : L.svg({ pane: pane, padding: 0.2 });
    if (base) { map.getPane(pane).style.pointerEvents = "none"; }
    data.group = L.layerGroup();
    var draw = { point: drawPoint, area: drawArea, line: drawLine, route: drawRoute };
    data.features.forEach(function (feature) {
      feature.t = feature.p ? feature.p[0][1] : feature.l;
      draw[feature.d](data.group, feature, data.styles[feature.s], data);
    });
    layers.push(data);
    return data.group;
  }

  /* ---- labels without overlap ------------------------------------------- */

  function addLabel(group, feature, style, at, offset, line) {
    var node = el("span", { "class": "rm-label" + (line ? " rm-pill" : "") }, feature.l);
    node.style.color = style.text || "#2B2B2B";
    node.style.fontSize = Math.max(14, Math.round((style.textSize || 2.4) * MM.text)) + "px";
    if (style.bold) { node.style.fontWeight = 700; }
    labels.push({ group: group, node: node, at: at, offset: offset, rank: feature.r || 0,
      from: style.kind === "route" && !line ? 14.5 : 0,
      spots: line ? [0.5, 0.38, 0.62, 0.26, 0.74].map(function (share) { return along(line, share); }) : [at], centre: offset === 0 });
  }

  function placeLabels(map) {
    var pane = map.getPane("rm-labels"), size = map.getSize(), taken = [];
    labels.forEach(function (label) {
      if (!map.hasLayer(label.group) || !label.offset) { return; }
      var p = map.latLngToContainerPoint(label.at), r = label.offset - 1;
      taken.push([p.x - r, p.y - r, p.x + r, p.y + r, label]);
    });
    labels.forEach(function (label) {
      var shown = map.hasLayer(label.group) && map.getZoom() >= label.from, p = map.latLngToContainerPoint(label.at);
      shown = shown && p.x > -40 && p.y > -20 && p.x < size.x + 40 && p.y < size.y + 20;
      if (shown) {
        if (!label.node.parentNode) { pane.appendChild(label.node); }
        if (!label.w) { label.w = label.node.offsetWidth; label.h = label.node.offsetHeight; }
        shown = label.spots.some(function (spot) { return tryPlaces(map, label, map.latLngToContainerPoint(spot), taken); });
      }
      if (!shown && label.node.parentNode) { pane.removeChild(label.node); }
    });
  }

  function tryPlaces(map, label, p, taken) {
    var w = label.w, h = label.h, o = label.offset + 3;
    var places = label.centre ? [[-w / 2, -h / 2]]
      : [[o, -h / 2], [-w / 2, o], [-o - w, -h / 2], [-w / 2, -o - h], [o, -h], [o, 0]];
    for (var i = 0; i < places.length; i += 1) {
      var x = p.x + places[i][0], y = p.y + places[i][1], box = [x - 2, y - 1, x + w + 2, y + h + 1, label];
      if (!taken.some(function (t) { return t[4] !== label && box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]; })) {
        taken.push(box);
        L.DomUtil.setPosition(label.node, map.containerPointToLayerPoint([x, y]).round());
        return true;
      }
    }
    return false;
  }

  /* ---- one route lights up, the others fade ------------------------------ */

  function focusRoute(key, zoom) {
    document.body.classList.toggle("rm-focus", !!(key && routes[key]));
    Object.keys(routes).forEach(function (other) {
      routes[other].forEach(function (route) {
        route.parts.forEach(function (part) {
          var node = part.getElement && part.getElement();
          if (node) { node.classList.toggle("rm-lit", other === key); }
          if (other === key) { part.bringToFront(); }
        });
      });
    });
    if (key && zoom && routes[key]) {
      var bounds = L.latLngBounds([]), first = routes[key].filter(function (route) { return !route.backup; });
      (first.length ? first : routes[key]).forEach(function (route) { bounds.extend(route.bounds); });
      fit(bounds, window.innerWidth > 720 ? 70 : 20);
    } else if (key && zoom && groups[key]) {
      fit(groups[key].marker.getLatLng().toBounds(400), 0);
      groups[key].marker.openPopup();
    }
    Array.prototype.forEach.call(document.querySelectorAll("[data-route]"), function (row) {
      row.classList.toggle("rm-on", row.rmKey === key);
      row.setAttribute("aria-expanded", String(row.rmKey === key));
    });
    showLegs(key);
  }

  function showLegs(key) {
    var old = document.querySelector(".rm-legs");
    if (old) { old.parentNode.removeChild(old); }
    var row = Array.prototype.find.call(document.querySelectorAll("[data-route]"), function (r) { return r.rmKey === key; });
    if (!key || !row) { return; }
    var box = el("div", { "class": "rm-legs" });
    var legs = spec.legs[key] || [];
    if (legs.length) {
      box.appendChild(el("h3", {}, word("legs")));
      box.appendChild(el("ol", {}, legs.map(function (leg) { return el("li", {}, leg); })));
    }
    var back = el("button", { type: "button" }, word("show_all"));
    back.addEventListener("click", function () { focusRoute(null, false); fit(home()); });
    box.appendChild(back);
    row.parentNode.insertBefore(el("tr", { "class": "rm-legs", style: "display:block;border:0" }, el("td", {}, box.children.length ? [].slice.call(box.children) : [])), row.nextSibling);
  }

  /* ---- the view ----------------------------------------------------------- */

  function home() { return L.latLngBounds(spec.bounds); }

  function fit(bounds, air) {
    var narrow = window.innerWidth <= 720, folded = document.body.classList.contains("rm-folded");
    var printing = document.body.classList.contains("rm-printing");
    var panel = document.querySelector(".rm-panel");
    air = air || 0;
    var right = narrow || folded || printing ? 24 : panel.offsetWidth + 36;
    var bottom = printing ? 16 : narrow ? panel.offsetHeight + 16 : 52;
    spec.map.fitBounds(bounds, { paddingTopLeft: [(narrow || printing ? 16 : 68) + air, (narrow ? 64 : 24) + air],
      paddingBottomRight: [right + air, bottom + air], maxZoom: 17.5, animate: false });
  }

  /* ---- the panel ------------------------------------------------------------ */

  function section(title, content, open) {
    var box = el("details", open ? { open: "" } : {}, el("summary", {}, title));
    [].concat(content).forEach(function (node) { box.appendChild(node); });
    return box;
  }

  /* How much of a card's line a cell takes: a third, a half or all of it. */
  function width(head, cell) {
    var places = Math.max(head.length, cell.length);
    return /^[ -~]+$/.test(cell) && cell.length < 12 ? (cell.length > 6 ? "rm-half" : "rm-third")
      : places > 10 ? "rm-wide" : places > 6 ? "rm-half" : "rm-third";
  }

  function callable(head, cell) {
    if (!/^\+?[\d -]{3,16}$/.test(cell) || head.indexOf(word("phone")) < 0) { return cell; }
    return el("a", { href: "tel:" + cell.replace(/[ -]/g, "") }, cell);
  }

  function tableNode(table) {
    var cards = table.columns.length > 3;
    var head = el("thead", {}, el("tr", {}, table.columns.map(function (c) { return el("th", { scope: "col" }, c); })));
    var numbered = cards && table.rows.every(function (cells) { return /^\d{1,3}$/.test(cells[0]); });
    var body = el("tbody", {}, table.rows.map(function (cells, i) {
      var row = el("tr", {}, cells.map(function (cell, j) {
        var kind = (j === 0 && numbered) || (cards && cell === word("none")) ? "rm-hide" : j === (numbered ? 1 : 0) ? "rm-title" : width(table.columns[j], cell);
        return el("td", { "data-h": table.columns[j], "data-n": numbered && j === 1 ? cells[0] : null, "class": kind },
          callable(table.columns[j], cell));
      }));
      var key = table.keys && table.keys[i];
      var sign = table.signs && table.signs[i];
      if (sign) {
        row.style.setProperty("--sign", sign.colour);
        row.classList.toggle("rm-alarm", sign.alarm);
      }
      if (key && (routes[key] || groups[key])) { tapRow(row, key); }
      return row;
    }));
    return el("div", { "class": cards ? "rm-cards" : "" }, el("table", {}, [head, body]));
  }

  function tapRow(row, key) {
    row.rmKey = key;
    row.setAttribute("data-route", "");
    row.setAttribute("tabindex", "0");
    row.setAttribute("role", "button");
    row.setAttribute("aria-expanded", "false");
    function go() { focusRoute(row.classList.contains("rm-on") ? null : key, true); }
    row.addEventListener("click", go);
    row.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); }
    });
  }

  function legend(map) {
    var list = el("ul", { "class": "rm-legend" });
    layers.slice().reverse().forEach(function (layer) {
      if (!layer.features.length || !layer.label) { return; }
      var entries = layer.entries;
      var box = el("input", { type: "checkbox" });
      box.checked = layer.visible;
      var item = el("li");
      box.addEventListener("change", function () {
        if (box.checked) { map.addLayer(layer.group); } else { map.removeLayer(layer.group); }
        item.classList.toggle("rm-off", !box.checked);
        placeLabels(map);
      });
      var line = el("label", {}, [box]);
      if (entries.length === 1) { line.appendChild(swatch(layer.styles[entries[0][1]])); }
      line.appendChild(document.createTextNode(entries.length === 1 ? entries[0][0] : layer.label));
      item.appendChild(line);
      if (entries.length > 1) {
        item.appendChild(el("ul", {}, entries.map(function (entry) {
          return el("li", {}, [swatch(layer.styles[entry[1]]), entry[0]]);
        })));
      }
      list.appendChild(item);
    });
    if (spec.picture) { list.appendChild(pictureSwitch(map)); }
    return list;
  }

  function pictureSwitch(map) {
    var box = el("input", { type: "checkbox", "class": "rm-picture" });
    box.checked = true;
    box.addEventListener("change", function () {
      if (box.checked) { spec.picture.addTo(map); } else { map.removeLayer(spec.picture); }
    });
    return el("li", {}, el("label", {}, [box, word("picture")]));
  }

  function search(map) {
    var input = el("input", { type: "search", placeholder: word("search"), "aria-label": word("search"), autocomplete: "off" });
    var list = el("ul");
    function show() {
      list.textContent = "";
      var asked = input.value.trim().toLowerCase();
      if (!asked) { return; }
      var hits = found.filter(function (one) { return one.text.toLowerCase().indexOf(asked) >= 0; }).slice(0, 12);
      hits.forEach(function (hit) {
        var button = el("button", { type: "button" }, [hit.feature.t || hit.feature.l || hit.layer.label, el("small", {}, hit.layer.label)]);
        button.addEventListener("click", function () { list.textContent = ""; goTo(map, hit); });
        list.appendChild(el("li", {}, button));
      });
      if (!hits.length) { list.appendChild(el("li", { "class": "rm-none" }, word("no_match"))); }
    }
    input.addEventListener("input", show);
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { input.value = ""; show(); }
      if (event.key === "Enter" && list.querySelector("button")) { list.querySelector("button").click(); }
    });
    return el("div", { "class": "rm-find" }, [input, list]);
  }

  function goTo(map, hit) {
    if (!map.hasLayer(hit.layer.group)) { map.addLayer(hit.layer.group); }
    var target = hit.target, at = target.getLatLng ? target.getLatLng() : target.getBounds().getCenter();
    if (target.getBounds) { fit(target.getBounds()); } else { fit(at.toBounds(300)); }
    target.openPopup(at);
  }

  function panel(map) {
    var fold = el("button", { "class": "rm-fold", type: "button", "aria-label": word("fold"), "aria-expanded": "true" }, icon("M9 5l7 7-7 7"));
    var grip = el("button", { "class": "rm-grip", type: "button", "aria-label": word("unfold"), tabindex: "-1" });
    function toggle(folded) {
      document.body.classList.toggle("rm-folded", folded);
      if (folded) { document.body.classList.remove("rm-tall"); }
      fold.setAttribute("aria-label", word(folded ? "unfold" : "fold"));
      fold.setAttribute("aria-expanded", String(!folded));
    }
    fold.addEventListener("click", function () { toggle(!document.body.classList.contains("rm-folded")); });
    grip.addEventListener("click", function () {
      if (document.body.classList.contains("rm-folded")) { toggle(false); } else { document.body.classList.toggle("rm-tall"); }
    });
    var head = el("header", { "class": "rm-head" }, [grip, el("h1", {}, spec.title), el("p", {}, spec.parent), fold]);
    if (spec.imprint.fictional) { head.appendChild(el("span", { "class": "rm-chip" }, word("fictional"))); }
    if (spec.imprint.internal) { head.appendChild(el("span", { "class": "rm-chip rm-warn" }, word("internal"))); }
    if (spec.home) { head.appendChild(el("p", {}, el("a", { href: spec.home }, word("home")))); }
    var body = el("div", { "class": "rm-body" });
    if (spec.facts.length) {
      body.appendChild(el("dl", { "class": "rm-facts" }, spec.facts.map(function (f) {
        return el("div", {}, [el("dt", {}, f[0]), el("dd", {}, f[1])]);
      })));
    }
    spec.tables.forEach(function (table, i) {
      var content = [tableNode(table)];
      if (table.note) { content.push(el("p", { "class": "rm-note" }, table.note)); }
      body.appendChild(section(table.title, content, i === 0 || table.key === "transfer"));
      if (i === 0) { body.appendChild(section(word("legend"), legend(map), window.innerWidth > 720)); }
    });
    if (!spec.tables.length) { body.appendChild(section(word("legend"), legend(map), true)); }
    body.appendChild(section(word("notes"), notes(), false));
    return el("aside", { "class": "rm-panel", "aria-label": spec.title }, [head, search(map), body]);
  }

  function notes() {
    var facts = el("dl", { "class": "rm-pop" });
    return [el("table", {}, el("tbody", {}, spec.imprint.rows.map(function (row) {
      return el("tr", {}, [el("th", { scope: "row" }, row[0]), el("td", {}, row[1])]);
    }))), facts].concat(spec.imprint.notes.map(function (note) { return el("p", { "class": "rm-note" }, note); }));
  }

  function imprint() {
    var short = spec.imprint.rows.slice(0, 2).map(function (row) { return el("span", {}, row[0] + " " + row[1]); });
    ["fictional", "internal"].forEach(function (mark) {
      if (spec.imprint[mark]) { short.unshift(el("b", {}, word(mark))); }
    });
    return el("footer", { "class": "rm-imprint" }, short);
  }

  /* ---- tools ---------------------------------------------------------------- */

  function tools(map) {
    var box = el("div", { "class": "rm-tools" });
    function add(name, path, act, wide) {
      var button = el("button", { type: "button", title: word(name), "aria-label": word(name), "class": wide ? "rm-wide-only" : null }, icon(path));
      button.addEventListener("click", function () { act(button); });
      box.appendChild(button);
    }
    add("zoom_in", "M12 5v14M5 12h14", function () { map.zoomIn(); });
    add("zoom_out", "M5 12h14", function () { map.zoomOut(); });
    add("whole", "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 12h6M12 9v6", function () { focusRoute(null, false); fit(home()); });
    add("measure", "M3 16L16 3l5 5L8 21zM7 12l2 2M10 9l3 3M13 6l2 2", function (button) { measure(map, button); });
    if (document.fullscreenEnabled) {
      add("fullscreen", "M8 3H3v5M16 3h5v5M8 21H3v-5M16 21h5v-5", function () {
        if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen(); }
      }, true);
    }
    add("print", "M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z", function () { printView(map); });
    return box;
  }

  var measuring = null;

  function measure(map, button) {
    if (measuring) { measuring.stop(); return; }
    var points = [], line = L.polyline([], { color: "#2B2B2B", weight: 3, dashArray: "6 5", interactive: false, className: "rm-measure" }).addTo(map);
    var hint = document.body.appendChild(el("div", { "class": "rm-hint", role: "status" }, word("measure_hint")));
    function total() {
      var m = 0;
      for (var i = 1; i < points.length; i += 1) { m += map.distance(points[i - 1], points[i]); }
      return m < 1000 ? Math.round(m) + " " + word("meters") : (m / 1000).toFixed(2) + " " + word("kilometers");
    }
    function click(event) {
      points.push(event.latlng);
      line.setLatLngs(points);
      hint.textContent = points.length > 1 ? total() : word("measure_hint");
    }
    function finish() { map.off("click", click); map.getContainer().style.cursor = ""; }
    map.doubleClickZoom.disable();
    map.getContainer().style.cursor = "crosshair";
    button.setAttribute("aria-pressed", "true");
    map.on("click", click);
    map.on("dblclick", finish);
    measuring = { stop: function () {
      finish();
      map.off("dblclick", finish);
      map.removeLayer(line);
      document.body.removeChild(hint);
      map.doubleClickZoom.enable();
      button.setAttribute("aria-pressed", "false");
      measuring = null;
    } };
  }

  function printView(map) {
    var opened = [];
    focusRoute(null, false);
    var title = el("div", { "class": "rm-printhead" }, [el("h1", {}, spec.title), el("p", {}, spec.parent)]);
    document.body.insertBefore(title, document.body.firstChild);
    document.body.classList.add("rm-printing");
    Array.prototype.forEach.call(document.querySelectorAll(".rm-panel details:not([open])"), function (d) { d.open = true; opened.push(d); });
    map.closePopup();
    map.invalidateSize({ animate: false });
    fit(home());
    function back() {
      window.removeEventListener("afterprint", back);
      document.body.classList.remove("rm-printing");
      document.body.removeChild(title);
      opened.forEach(function (d) { d.open = false; });
      map.invalidateSize({ animate: false });
      fit(home());
    }
    window.addEventListener("afterprint", back);
    window.setTimeout(function () { window.print(); }, 400);
  }

  /* ---- start ------------------------------------------------------------------ */

  function prepare(map, given) {
    spec = given;
    spec.map = map;
    document.documentElement.lang = "zh-CN";
    document.body.classList.add("rm");
    document.body.appendChild(svg("svg", { id: "rm-defs", width: 0, height: 0, "aria-hidden": "true" }));
    document.getElementById("rm-defs").style.position = "absolute";
    if (map.attributionControl) { map.attributionControl.remove(); }
    map.createPane("rm-terrain").style.zIndex = 350;
    map.getPane("rm-terrain").style.mixBlendMode = "multiply";
    map.createPane("rm-base").style.zIndex = 340;
    map.createPane("rm-labels").style.zIndex = 690;
    map.getPane("rm-labels").style.pointerEvents = "none";
    map.createPane("rm-mask").style.zIndex = 590;
    map.getPane("rm-mask").style.pointerEvents = "none";
    if (spec.boundary) {
      var holes = [[[-85, -179], [85, -179], [85, 179], [-85, 179]]];
      spec.boundary.forEach(function (rings) {
        var outer = unpack(rings[0]);
        holes.push(outer);
        L.polygon(outer, { pane: "rm-mask", fill: false, color: "#8A8A8A", weight: 2, dashArray: "12 4 2 4", interactive: false }).addTo(map);
      });
      L.polygon(holes, { pane: "rm-mask", stroke: false, fillColor: "#FCFBF7", fillOpacity: 0.45, interactive: false }).addTo(map);
    }
    (spec.tiles || []).forEach(function (address) {
      L.tileLayer(address, { pane: "rm-base", subdomains: "01234567", maxNativeZoom: 18, maxZoom: 19 }).addTo(map);
    });
    if (spec.base) {
      spec.picture = L.imageOverlay(spec.base.image, spec.base.bounds, { pane: "rm-base", opacity: 0.8, interactive: false }).addTo(map);
    }
    if (spec.terrain) {
      L.imageOverlay(spec.terrain.image, spec.terrain.bounds, { pane: "rm-terrain", opacity: spec.terrain.opacity, interactive: false }).addTo(map);
    }
  }

  function finish(map) {
    labels.sort(function (a, b) { return b.rank - a.rank; });
    [panel(map), tools(map), imprint()].forEach(function (node) { document.body.appendChild(node); });
    if (window.innerWidth <= 400 && window.innerHeight < 500) { document.body.classList.add("rm-folded"); }
    L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
    fit(home());
    map.setMinZoom(Math.max(3, map.getZoom() - 1.5));
    layers.forEach(function (layer) { if (layer.visible) { map.addLayer(layer.group); } });
    function refresh() { redrawArrows(map); placeLabels(map); }
    map.on("zoomend viewreset moveend", refresh);
    map.on("layeradd", L.Util.throttle(function () { placeLabels(map); }, 100));
    window.addEventListener("resize", function () { map.invalidateSize({ animate: false }); });
    refresh();
    document.documentElement.setAttribute("data-ready", "true");
  }

  window.riskmap = { prepare: prepare, layer: makeLayer, finish: finish };
}());

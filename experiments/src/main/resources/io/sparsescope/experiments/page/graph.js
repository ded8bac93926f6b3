const MANY = 120;
/** With more nodes in sight, blocks have no frames: laying frames out takes three times as long. */
const FRAMED = 200;
const HEIGHT = 44;
let recolorGraph = () => {};

function showGraph(view) {
  const host = el('div');
  if (data.graphs.length > 1) {
    view.append(el('div', {class: 'card'}, el('div', {class: 'bar'},
        chooser('Graph of', data.graphs.map(g => g.graph.model), i => show(i)))));
  }
  view.append(host);
  function show(i) {
    host.replaceChildren();
    new GraphView(host, data.graphs[i]);
  }
  show(0);
}

/** A model as a layered graph: blocks fold, colours tell sparsity, widths tell bytes. */
class GraphView {
  constructor(host, {graph, cuts}) {
    this.graph = graph;
    this.cuts = cuts;
    this.profile = graph.profile >= 0 ? data.profiles[graph.profile] : null;
    this.taps = new Map();
    this.weights = new Map();
    if (this.profile) {
      for (const tap of this.profile.model.taps.filter(isActivation)) this.taps.set(tap.tensor, tap);
      this.weights = weightsByLayer(this.profile.model);
    }
    this.names = [...new Set(graph.vertices.map(v => v.layer || v.name))];
    this.blocks = new Map();
    graph.vertices.forEach((v, i) => v.block && this.blocks.set(v.block, [...(this.blocks.get(v.block) || []), i]));
    this.folded = new Set(graph.vertices.length > MANY ? this.blocks.keys() : []);
    this.chosen = null;
    this.plan = null;
    this.build(host);
    this.draw(true);
    this.explain(null);
    recolorGraph = () => this.draw(false);
  }

  build(host) {
    this.net = svg('svg', {class: 'net', role: 'group', 'aria-label': 'Graph of ' + this.graph.model
        + '. Arrow keys go from layer to layer, Enter chooses.'});
    this.detail = el('div', {class: 'card', id: 'detail', 'aria-live': 'polite'});
    this.search = el('input', {type: 'search', placeholder: 'Find a layer', 'aria-label': 'Find a layer', id: 'find',
      oninput: () => this.find(false), onkeydown: e => e.key === 'Enter' && this.find(true)});
    this.foundNote = el('span', {class: 'note', id: 'found'});
    const button = (text, label, act) => el('button', {type: 'button', 'aria-label': label, title: label, onclick: act}, text);
    const bar = el('div', {class: 'bar'}, this.search, this.foundNote, el('span', {class: 'push'}),
        this.blocks.size ? [button('Fold all', 'Fold all blocks', () => this.foldAll(true)),
          button('Unfold all', 'Unfold all blocks', () => this.foldAll(false))] : [],
        button('−', 'Zoom out', () => this.zoomBy(.75)), button('+', 'Zoom in', () => this.zoomBy(1.33)),
        button('Fit', 'Show all of it', () => this.fit(true)));
    const unit = this.graph.unit;
    const legend = el('div', {class: 'legend'}, el('span', {}, 'Sparsity of the activation 0 ', el('span', {class: 'ramp'}), ' 100 %'),
        el('span', {}, 'Lines: bytes a ' + unit + '; the dark core is what is left when zeros are not sent.'));
    host.append(el('div', {class: 'split'},
        el('div', {class: 'card'}, bar, el('div', {class: 'stage'}, this.net), legend), this.detail));
    this.cutHost = el('div');
    host.append(this.cutHost);
    this.showCuts(this.cuts.length ? this.cuts[0].parts : 0);
    this.layer = svg('g');
    this.net.append(this.layer);
    this.zoom = d3.zoom().scaleExtent([.04, 4]).on('zoom', e => this.layer.setAttribute('transform', e.transform.toString()));
    d3.select(this.net).call(this.zoom).on('dblclick.zoom', null);
    this.net.addEventListener('keydown', e => this.onKey(e));
  }

  key(vertex) { return this.isFolded(vertex) ? 'b' + this.graph.vertices[vertex].block : 'v' + vertex; }

  isFolded(vertex) { return this.folded.has(this.graph.vertices[vertex].block); }

  /** Zeros and elements of a vertex's activation as it was counted. */
  tapOf(vertex) { return this.taps.get(this.graph.vertices[vertex].tensor) || null; }

  /** Sparsity of a block: its last activation's, as the paper has it. */
  sparsityOf(vertices) {
    for (const v of [...vertices].reverse()) {
      const tap = this.tapOf(v);
      if (tap) return tap.sparsity;
    }
    return null;
  }

  /** What is seen: vertices, or a block where it is folded, and the tensors between. */
  seen() {
    const nodes = new Map();
    this.graph.vertices.forEach((v, i) => {
      const key = this.key(i);
      if (!nodes.has(key)) {
        const folded = this.isFolded(i);
        nodes.set(key, {key, folded, block: v.block, name: folded ? v.block : v.name, vertices: []});
      }
      nodes.get(key).vertices.push(i);
    });
    const edges = new Map();
    for (const e of this.graph.edges) {
      const from = this.key(e.from), to = this.key(e.to);
      if (from === to) continue;
      const key = from + '\u0000' + to;
      const edge = edges.get(key) || {from, to, tensors: new Map()};
      edge.tensors.set(e.tensor, e);
      edges.set(key, edge);
    }
    return {nodes, edges: [...edges.values()]};
  }

  draw(fit) {
    const {nodes, edges} = this.seen();
    const framed = nodes.size <= FRAMED;
    const g = new dagre.graphlib.Graph({compound: framed});
    g.setGraph({rankdir: 'TB', nodesep: 26, ranksep: 40, marginx: 20, marginy: 20});
    g.setDefaultEdgeLabel(() => ({}));
    for (const node of nodes.values()) {
      node.text = shorten(node.name || 'unnamed', 32);
      node.width = Math.max(132, 26 + 7.1 * [...node.text].length + (node.folded ? 26 : 0));
      g.setNode(node.key, {width: node.width, height: HEIGHT});
      if (framed && node.block && !node.folded) {
        g.setNode('c' + node.block, {});
        g.setParent(node.key, 'c' + node.block);
      }
    }
    for (const e of edges) g.setEdge(e.from, e.to);
    dagre.layout(g);
    this.layout = g;
    this.nodes = nodes;
    const most = Math.max(1, ...edges.map(e => [...e.tensors.values()].reduce((s, t) => s + (t.dense || 0), 0)));
    this.layer.replaceChildren(
        ...[...this.blocks.keys()].filter(b => framed && !this.folded.has(b)).map(b => this.cluster(b, g.node('c' + b))),
        ...edges.map(e => this.edge(e, g.edge(e.from, e.to), most)),
        ...[...nodes.values()].map(n => this.vertex(n, g.node(n.key))));
    if (fit) requestAnimationFrame(() => this.fit(false));
    this.mark();
  }

  cluster(block, at) {
    const x = at.x - at.width / 2, y = at.y - at.height / 2;
    return svg('g', {class: 'cluster'}, svg('rect', {x, y, width: at.width, height: at.height, rx: 8}),
        svg('text', {x: x + 28, y: y + 15}, shorten(block, Math.max(4, Math.floor((at.width - 34) / 7)))),
        this.foldSign(block, x + 13, y + 11, '−'));
  }

  foldSign(block, x, y, sign) {
    return svg('g', {class: 'fold', 'data-fold': block, onclick: e => {
      e.stopPropagation();
      this.fold(block, sign === '−');
    }}, svg('title', {}, (sign === '−' ? 'Fold ' : 'Unfold ') + block),
    svg('rect', {x: x - 8, y: y - 8, width: 16, height: 16, rx: 3}), svg('text', {x, y: y + 4}, sign));
  }

  edge(e, route, most) {
    const tensors = [...e.tensors.values()];
    const dense = tensors.reduce((s, t) => s + (t.dense || 0), 0);
    const sent = tensors.reduce((s, t) => s + (t.sent || 0), 0);
    const path = d3.line().x(p => p.x).y(p => p.y).curve(d3.curveBasis)(route.points);
    const width = b => 1 + 15 * b / most;
    return svg('g', {class: 'edge', 'data-from': e.from, 'data-to': e.to},
        svg('title', {}, tensors.slice(0, 6).map(t => t.tensor + ' (' + t.shape + '): ' + bytes(t.dense)
            + (isNumber(t.sparsity) ? ', ' + percent(t.sparsity) + ' zero, ' + bytes(t.sent) + ' without zeros' : '')).join('\n')),
        svg('path', {class: 'dense', d: path, 'stroke-width': width(dense)}),
        svg('path', {class: 'sent', d: path, 'stroke-width': Math.max(1, 15 * sent / most)}));
  }

  vertex(node, at) {
    const x = at.x - node.width / 2, y = at.y - HEIGHT / 2;
    const single = node.folded ? null : this.graph.vertices[node.vertices[0]];
    const sparsity = this.sparsityOf(node.vertices);
    const color = sparsityColor(sparsity);
    const ink = isNumber(sparsity) ? inkOn(color) : cssColor('--ink');
    const what = node.folded ? node.vertices.length + ' nodes' : single.op === 'Input' ? 'input' : single.op.split(' + ')[0];
    const second = (isNumber(sparsity) ? percent(sparsity) + ' · ' : '') + what;
    const g = svg('g', {class: 'vertex', role: 'button', tabindex: -1, 'data-key': node.key, 'data-name': node.name,
      'aria-label': node.name + ', ' + second,
      onclick: () => this.choose(node.key), onfocus: () => this.rove(g)},
    svg('title', {}, node.name),
    node.folded ? svg('rect', {x: x + 4, y: y + 4, width: node.width, height: HEIGHT, rx: 7, fill: color, opacity: .6}) : null,
    svg('rect', {class: 'body', x, y, width: node.width, height: HEIGHT, rx: node.folded || single.layer ? 7 : 20, fill: color}),
    svg('text', {x: x + 12, y: y + 18, fill: ink, 'font-weight': 600}, node.text),
    svg('text', {x: x + 12, y: y + 34, fill: ink}, shorten(second, Math.floor((node.width - 20) / 6.4))),
    node.folded ? this.foldSign(node.block, x + node.width - 16, y + HEIGHT / 2, '+') : null);
    return g;
  }

  /** One node at a time is reached by Tab, the others by arrow keys. */
  rove(g) {
    this.layer.querySelectorAll('.vertex[tabindex="0"]').forEach(other => other.setAttribute('tabindex', -1));
    g.setAttribute('tabindex', 0);
  }

  mark() {
    const all = [...this.layer.querySelectorAll('.vertex')];
    const chosen = all.find(g => g.dataset.key === this.chosen) || all[0];
    if (chosen) chosen.setAttribute('tabindex', 0);
    const found = new Set(this.matches().map(i => this.key(i)));
    for (const g of all) {
      g.classList.toggle('chosen', g.dataset.key === this.chosen);
      g.classList.toggle('found', found.has(g.dataset.key));
    }
    const places = this.plan ? this.plan.places : [];
    const crossing = new Set(this.graph.edges.filter(e => places.some(p => e.from < p && e.to >= p))
        .map(e => this.key(e.from) + '\u0000' + this.key(e.to)));
    this.layer.querySelectorAll('.edge').forEach(g =>
      g.classList.toggle('crossing', crossing.has(g.dataset.from + '\u0000' + g.dataset.to)));
    this.layer.querySelectorAll('.part').forEach(sign => sign.remove());
    if (!places.length) return;
    for (const g of all) {
      const parts = [...new Set(this.nodes.get(g.dataset.key).vertices.map(v => 1 + places.filter(p => p <= v).length))];
      const box = g.querySelector('.body');
      const x = Number(box.getAttribute('x')), y = Number(box.getAttribute('y'));
      const text = parts.length > 1 ? parts[0] + '–' + parts[parts.length - 1] : String(parts[0]);
      g.append(svg('g', {class: 'part'}, svg('rect', {x: x - 8, y: y - 9, width: 14 + 7 * text.length, height: 18, rx: 9,
        fill: d3.schemeDark2[(parts[0] - 1) % 8], stroke: 'none'}),
      svg('text', {x: x - 1, y: y + 4, fill: '#fff', 'font-weight': 700}, text)));
    }
  }

  fold(block, shut) {
    if (shut) this.folded.add(block);
    else this.folded.delete(block);
    if (!this.chosenVisible()) this.chosen = shut ? 'b' + block : 'v' + this.blocks.get(block)[0];
    this.draw(false);
    this.explain(this.chosen);
  }

  chosenVisible() { return this.chosen && this.seen().nodes.has(this.chosen); }

  foldAll(shut) {
    this.folded = new Set(shut ? this.blocks.keys() : []);
    this.chosen = null;
    this.draw(true);
    this.explain(null);
  }

  choose(key) {
    this.chosen = key;
    this.mark();
    this.explain(key);
  }

  matches() {
    const wanted = this.search.value.trim().toLowerCase();
    if (!wanted) return [];
    return this.graph.vertices.map((v, i) => i).filter(i => {
      const v = this.graph.vertices[i];
      return (v.name + ' ' + v.op + ' ' + v.tensor).toLowerCase().includes(wanted);
    });
  }

  /** Marks what fits; with Enter the next one is chosen, its block unfolded, and brought into sight. */
  find(next) {
    const all = this.matches();
    this.foundNote.textContent = this.search.value.trim() ? all.length + ' found' : '';
    if (next && all.length) {
      this.turn = (all.indexOf(this.turn) < 0 ? 0 : all.indexOf(this.turn) + 1) % all.length;
      this.turn = all[this.turn];
      const block = this.graph.vertices[this.turn].block;
      if (this.folded.has(block)) {
        this.folded.delete(block);
        this.draw(false);
      }
      this.choose(this.key(this.turn));
      this.center(this.chosen);
    } else {
      this.mark();
    }
  }

  zoomBy(factor) { d3.select(this.net).call(this.zoom.scaleBy, factor); }

  center(key) {
    const at = this.layout.node(key);
    const scale = Math.max(.8, d3.zoomTransform(this.net).k);
    const {width, height} = this.net.getBoundingClientRect();
    this.zoomTo(d3.zoomIdentity.translate(width / 2 - scale * at.x, height / 2 - scale * at.y).scale(scale));
  }

  zoomTo(transform) { d3.select(this.net).call(this.zoom.transform, transform); }

  /** All of it, or as much from the top on as can be read. */
  fit(all) {
    const {width, height} = this.net.getBoundingClientRect();
    if (!width) return;
    const size = this.layout.graph();
    const whole = Math.min(width / size.width, height / size.height, 1);
    const scale = all ? whole : Math.max(whole, Math.min(.75, width / size.width), .3);
    this.zoomTo(d3.zoomIdentity.translate((width - scale * size.width) / 2, scale > whole ? 0 : (height - scale * size.height) / 2)
        .scale(scale));
  }

  onKey(e) {
    const all = [...this.layer.querySelectorAll('.vertex')];
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[e.key];
    if (step) {
      const other = all[Math.min(all.length - 1, Math.max(0, at + step))];
      other.focus({preventScroll: true});
      this.center(other.dataset.key);
    } else if (e.key === 'Enter' || e.key === ' ') {
      this.choose(all[at].dataset.key);
    } else if (e.key === '-' || e.key === '+') {
      const node = this.nodes.get(all[at].dataset.key);
      if (node.block) this.fold(node.block, e.key === '-');
      const now = all[at].isConnected ? all[at] : [...this.layer.querySelectorAll('.vertex')].find(g => g.dataset.key === this.chosen);
      if (now) now.focus({preventScroll: true});
    } else {
      return;
    }
    e.preventDefault();
  }

  /** The numbers of what is chosen. */
  explain(key) {
    const node = key && this.nodes.get(key);
    if (!node) {
      this.detail.replaceChildren(el('h2', {}, 'Nothing chosen'),
          el('p', {class: 'note'}, 'Click a node for its numbers and its pattern. + and − on a block, or the keys, unfold and fold it; the wheel zooms.'));
      return;
    }
    this.detail.replaceChildren(...(node.folded ? this.blockNumbers(node) : this.vertexNumbers(node.vertices[0])));
  }

  blockNumbers(node) {
    const layers = node.vertices.filter(v => this.graph.vertices[v].layer);
    const sum = {elements: 0, zeros: 0};
    for (const v of layers) {
      const held = this.weights.get(this.graph.vertices[v].layer);
      if (held) {
        sum.elements += held.elements;
        sum.zeros += held.zeros;
      }
    }
    return [el('h2', {}, node.block), el('p', {class: 'note'}, 'Block of ' + layers.length + ' layers'),
      this.numbers([['last activation', percent(this.sparsityOf(node.vertices))],
        ['weights', sum.elements ? count(sum.elements) : null], ['weights zero', sum.elements ? percent(sum.zeros / sum.elements) : null]]),
      el('button', {type: 'button', onclick: () => this.fold(node.block, false)}, 'Unfold'),
      ...this.blockHistory(node.vertices),
      tableView({caption: 'Its layers', columns: [['layer', 'text'], ['activation', 'share']].map(([title, kind]) => ({title, kind})),
        rows: layers.map(v => [this.graph.vertices[v].layer, (this.tapOf(v) || {sparsity: null}).sparsity])})];
  }

  /** Of the last activation, which tells of the block. */
  blockHistory(vertices) {
    const last = [...vertices].reverse().find(v => this.tapOf(v));
    return last === undefined ? [] : layerHistory(this.graph.vertices[last].layer || this.graph.vertices[last].name, this.names);
  }

  /** What the paper has for a layer of one of its nets. */
  paper(layer, kind) {
    const points = this.profile && this.profile.paper
      ? this.profile.paper.points.filter(p => p.layer === layer && p.kind === kind) : [];
    return points.length ? points.map(p => p.label + ' ' + percent(p.value)).join(', ') : null;
  }

  numbers(pairs) {
    return el('dl', {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '').flatMap(([what, value]) =>
      [el('dt', {}, what), el('dd', {}, value)]));
  }

  vertexNumbers(i) {
    const v = this.graph.vertices[i];
    const tap = this.tapOf(i);
    const held = this.weights.get(v.layer);
    const out = this.graph.edges.find(e => e.from === i);
    const spread = tap && tap.perRun;
    const parts = [el('h2', {}, v.name), el('p', {class: 'note'}, v.op),
      this.numbers([
        ['block', v.block], ['tensor', v.tensor],
        ['activation', tap ? percent(tap.sparsity) + ' zero' : null],
        ['in the paper', this.paper(v.layer, 'activation')],
        ['zeros', tap ? count(tap.zeros) + ' of ' + count(tap.elements) : null],
        ['runs', tap ? count(tap.runs) + (spread ? ', ' + percent(spread.min) + ' to ' + percent(spread.max) : '') : null],
        ['NaN', tap && tap.nan ? count(tap.nan) : null],
        ['dead channels', tap && tap.deadChannels ? tap.deadChannels.length + ' of ' + tap.channels : null],
        ['weights', v.weights ? count(v.weights) : null],
        ['weights zero', held && held.elements ? percent(held.zeros / held.elements) : null],
        ['in the paper', this.paper(v.layer, 'weight')],
        ['multiplications', this.graph.unit === 'record' && v.work ? count(v.work) : null],
        ['output', out ? out.shape : null],
        ['bytes a ' + this.graph.unit, out ? bytes(out.dense) : null],
        ['without zeros', out && isNumber(out.sparsity) ? bytes(out.sent) : null]])];
    if (v.pattern) {
      parts.push(el('h3', {}, 'Pattern for a rule file'), el('p', {}, el('code', {id: 'pattern'}, v.pattern)),
          el('button', {type: 'button', id: 'copy-pattern', onclick: () => copy(v.pattern, 'Pattern')}, 'Copy pattern'));
    }
    parts.push(...layerHistory(v.layer || v.name, this.names), ...this.elsewhere(v), ...this.neighbours(i));
    return parts;
  }

  /** The layer in the page's other files. */
  elsewhere(v) {
    if (!v.layer) return [];
    const rows = [];
    data.profiles.forEach(({label, model}, place) => {
      const own = sameNet(model.taps.filter(isActivation).map(tapName), this.names);
      const tap = activationOf(model, v.layer);
      if (own && tap && place !== this.graph.profile) rows.push([label, 'activation', tap.sparsity]);
    });
    for (const {label, result} of data.searches) {
      const found = result.layers.find(l => l.layer === v.layer);
      if (found && sameNet(result.layers.map(l => l.layer), this.names)) rows.push([label, result.on + ', threshold ' + found.threshold, found.sparsity]);
    }
    return rows.length ? [el('h3', {}, 'In other files'), el('dl', {}, rows.flatMap(([label, what, sparsity]) =>
      [el('dt', {}, label), el('dd', {}, percent(sparsity) + ' (' + what + ')')]))] : [];
  }

  neighbours(i) {
    const link = (e, other) => el('li', {}, el('button', {type: 'button', onclick: () => {
      this.folded.delete(this.graph.vertices[other].block);
      this.draw(false);
      this.choose(this.key(other));
      this.center(this.chosen);
    }}, shorten(this.graph.vertices[other].name, 34)), ' ' + bytes(e.dense));
    const list = (title, edges, other) => edges.length
      ? [el('h3', {}, title), el('ul', {class: 'findings'}, edges.slice(0, 12).map(e => link(e, other(e))))] : [];
    return [...list('Reads', this.graph.edges.filter(e => e.to === i), e => e.from),
      ...list('Read by', this.graph.edges.filter(e => e.from === i), e => e.to)];
  }

  /** Where to cut the graph for a number of machines. */
  showCuts(parts) {
    if (!this.cuts.length) {
      this.cutHost.replaceChildren(el('div', {class: 'card'}, el('h2', {}, 'Where to cut'),
          el('p', {class: 'note'}, 'Not told: the shape of a tensor, or what any layer computes, is not known.')));
      return;
    }
    const {plans} = this.cuts.find(c => c.parts === parts);
    const unit = this.graph.unit;
    const name = place => this.graph.vertices[place].name;
    const chooseParts = chooser('Parts', this.cuts.map(c => String(c.parts)), i => {
      this.plan = null;
      this.mark();
      this.showCuts(this.cuts[i].parts);
    }, this.cuts.findIndex(c => c.parts === parts));
    this.cutHost.replaceChildren(el('div', {class: 'card', id: 'cuts'}, el('h2', {}, 'Where to cut for several machines'),
        el('div', {class: 'bar'}, chooseParts),
        el('p', {class: 'note'}, 'The ways to cut the graph, in its order, that send the fewest bytes a ' + unit
            + ' when zeros are not sent. Each part has at least half of an even share of the ' + (unit === 'record' ? 'multiplications' : 'weights')
            + '; a tensor is sent once over each cut that it crosses. Choose a row to see it in the graph.')),
    tableView({caption: 'Cuts into ' + parts + ' parts of ' + this.graph.model,
      columns: [['cut before', 'text'], ['bytes sent', 'bytes'], ['bytes with zeros', 'bytes'], ['saved', 'percent'],
        ['shares of work', 'text'], ['tensors that cross', 'text']].map(([title, kind]) => ({title, kind})),
      rows: plans.map(p => [p.places.map(name).join(' | '), p.sent, p.dense, p.dense ? 1 - p.sent / p.dense : null,
        p.shares.map(s => Math.round(100 * s) + ' %').join(' | '), p.tensors.map(t => t.join(', ')).join(' | ')]),
      onrow: i => {
        this.plan = plans[i];
        this.mark();
      }}));
  }
}

/** From the colour of no zeros to that of zeros alone. */
function sparsityColor(value) {
  return isNumber(value) ? d3.interpolateLab(cssColor('--zero'), cssColor('--full'))(value) : cssColor('--card');
}

/** Black or white, whichever is read more easily on a colour. */
function inkOn(color) {
  const c = d3.rgb(color);
  const part = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  return .2126 * part(c.r) + .7152 * part(c.g) + .0722 * part(c.b) > .2 ? '#0c1420' : '#ffffff';
}

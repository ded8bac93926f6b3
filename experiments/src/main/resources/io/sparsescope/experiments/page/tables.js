function showTables(view) {
  for (const table of data.tables) {
    view.append(tableView({caption: table.caption,
      columns: [{title: table.head, kind: 'text'}, ...table.columns.map(title => ({title, kind: 'share'}))],
      rows: table.rows.map(row => [row.name, ...row.values])}));
  }
  for (const {label, model} of data.profiles) {
    view.append(tableView({caption: label + ': what was counted',
      columns: [['layer or node', 'text'], ['operator', 'text'], ['kind', 'text'], ['elements', 'count'], ['zeros', 'count'],
        ['sparsity', 'share'], ['least', 'share'], ['most', 'share'], ['deviation', 'share'], ['NaN', 'count']]
          .map(([title, kind]) => ({title, kind})),
      rows: model.taps.map(t => [tapName(t), t.op, t.kind, t.elements, t.zeros, t.sparsity,
        t.perRun ? t.perRun.min : null, t.perRun ? t.perRun.max : null, t.perRun ? t.perRun.stddev : null, t.nan])}));
  }
  for (const {label, result} of data.searches) {
    view.append(tableView({caption: label + ': thresholds on ' + result.on,
      columns: [[result.by, 'text'], ['threshold', 'number'], ['alone', 'number'], ['elements', 'count'],
        ['sparsity before', 'share'], ['sparsity', 'share'], [result.metric + ' alone', 'share']]
          .map(([title, kind]) => ({title, kind})),
      rows: result.layers.map(l => [l.layer, l.threshold, l.thresholdAlone, l.elements, l.denseSparsity, l.sparsity,
        l.accuracyAlone])}));
  }
}

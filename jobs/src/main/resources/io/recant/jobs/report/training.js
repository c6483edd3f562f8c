// How the losses went while models were trained and made to forget.

const LOSSES = [['loss', 1], ['forget loss', 2], ['retain loss', 3]];

function trainingCard(m, names) {
  if (!m.training.length) return null;
  const all = [...names, ...m.training.map(t => t.method).filter(n => !names.includes(n))];
  const shown = LOSSES.filter(([, column]) => m.training.some(t => t.points.some(point => known(point[column]))));
  const hidden = new Set();
  const panels = shown.map(([name, column]) => ({ name, drawn: chart(`${name} of ${m.name}`, p => lossOption(p, m, all, hidden, name, column), 'mid') }));
  const keys = el('div', { class: 'key small' });
  function showKeys() {
    const p = palette();
    keys.replaceChildren(...m.training.map(t => el('label', {},
      el('input', { type: 'checkbox', checked: hidden.has(t.method) ? null : '', onchange: e => { e.target.checked ? hidden.delete(t.method) : hidden.add(t.method); panels.forEach(x => x.drawn.redraw()); } }),
      el('span', { style: { '--c': p.of(all, t.method) } }, ` ${t.method}`))));
  }
  document.addEventListener('themechange', showKeys);
  queueMicrotask(showKeys);
  return card('Training', 'Losses over the course of each training, from its first step to its last (of the first seed). Forgetting pushes the forget loss up; the retain loss should stay low and flat.',
    el('div', { class: 'panels' }, panels.map(x => x.drawn.box)), keys);
}

function lossOption(p, m, all, hidden, name, column) {
  return base(p, {
    tooltip: { formatter: i => tip([`${i.seriesName}`, `step ${count(i.data.step)}`, `${name} ${figure(i.value[1])}`]) },
    grid: { left: 8, right: 24, top: 30, bottom: 34, containLabel: true },
    xAxis: valueAxis(p, 'share of the training', { min: 0, max: 1, axisLabel: { color: p.soft, fontSize: 11, formatter: v => `${Math.round(100 * v)}\u202f%` } }),
    yAxis: uprightAxis(p, name, { scale: true, axisLabel: { color: p.soft, fontSize: 11, formatter: tick } }),
    series: m.training.filter(t => !hidden.has(t.method)).map(t => {
      const last = t.points[t.points.length - 1][0];
      return {
        name: t.method, type: 'line', showSymbol: false, symbolSize: 6, triggerLineEvent: true,
        data: t.points.filter(point => known(point[column])).map(point => ({ value: [point[0] / last, point[column]], step: point[0] })),
        lineStyle: { width: 1.7, color: p.of(all, t.method), type: all.indexOf(t.method) >= 8 ? 'dashed' : 'solid' }, itemStyle: { color: p.of(all, t.method) },
      };
    }),
  });
}

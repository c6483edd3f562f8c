// From what, when, by which code and with which settings.

function provenanceSection(data) {
  const lead = 'Each step is committed once, with the hash of its settings and of everything it read. Steps with equal settings have equal hashes, in any run.';
  if (!data.steps.length) {
    return section('provenance', 'How it was made', lead, empty('No step of this run is committed yet.'));
  }
  const begin = Math.min(...data.steps.map(s => Date.parse(s.started)));
  const end = Math.max(...data.steps.map(s => Date.parse(s.finished)), begin + 1);
  const rows = s => s.tables.map(t => [words(t.name) + ' ', el('b', { class: 'figure' }, count(t.rows)), ' ']);
  return section('provenance', 'How it was made', lead,
    el('div', { class: 'card long' },
      el('dl', { class: 'facts' }, el('dt', {}, 'run'), el('dd', { class: 'mono' }, data.runId),
        el('dt', {}, 'seed'), el('dd', { class: 'mono' }, String(data.steps[0].seed)),
        el('dt', {}, 'took'), el('dd', {}, `${duration((end - begin) / 1000)}, ${instant(data.steps.map(s => s.started).sort()[0])} to ${instant(data.steps.map(s => s.finished).sort().pop())}`)),
      table([
        { title: 'step', name: true, cell: s => s.step },
        { title: 'when', cell: s => el('div', { class: 'when', title: `${instant(s.started)} to ${instant(s.finished)}` }, el('i', { style: {
          left: `${100 * (Date.parse(s.started) - begin) / (end - begin)}%`, width: `${100 * (Date.parse(s.finished) - Date.parse(s.started)) / (end - begin)}%` } })) },
        { title: 'took', right: true, cell: s => duration((Date.parse(s.finished) - Date.parse(s.started)) / 1000) },
        { title: 'rows written', cell: s => s.tables.length ? rows(s) : s.artifacts ? `${count(s.artifacts)} files` : '\u2013' },
        { title: 'read from', cell: s => Object.keys(s.inputs).join(', ') || '\u2013' },
        { title: 'settings', cell: s => el('span', { class: 'mono', title: s.configHash }, s.configHash.slice(0, 10)) },
      ], data.steps),
      data.steps.map(stepDetails)));
}

const instant = text => text.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');

function stepDetails(s) {
  const p = s.provenance || {};
  const measures = Object.entries(s.measures || {});
  const fact = (name, value) => value ? [el('dt', {}, name), el('dd', {}, value)] : null;
  return el('details', {}, el('summary', {}, s.step),
    el('dl', { class: 'facts' },
      fact('started', instant(s.started)), fact('finished', instant(s.finished)),
      fact('Recant', [p.recant, p.git && `commit ${p.git}`].filter(Boolean).join(', ')),
      fact('ran on', [p.master, p.os, p.java && `Java ${p.java}`].filter(Boolean).join(', ')),
      fact('libraries', Object.entries(p.libraries || {}).map(([k, v]) => `${k} ${v}`).join(', ')),
      fact('settings', el('span', { class: 'mono' }, s.configHash)),
      Object.entries(s.inputs).map(([k, v]) => fact(`read ${k}`, el('span', { class: 'mono' }, v))),
      s.artifacts ? fact('files', `${count(s.artifacts)}, ${bytes(s.artifactBytes)}`) : null,
      measures.map(([k, v]) => fact(words(k), figure(v)))),
    el('pre', {}, yaml(s.config, 0)));
}

/** Settings as the configuration file writes them; texts quoted where they have to be. */
function yaml(value, depth) {
  const pad = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.every(v => v === null || typeof v !== 'object')) return `[${value.map(v => yaml(v, 0)).join(', ')}]`;
    return value.map(v => `\n${pad}- ${yaml(v, depth + 1).trimStart()}`).join('');
  }
  if (value && typeof value === 'object') {
    const entries = Object.entries(value);
    if (!entries.length) return '{}';
    const text = entries.map(([k, v]) => {
      const inner = yaml(v, depth + 1);
      return `${pad}${k}:${inner.startsWith('\n') ? inner : ' ' + inner}`;
    }).join('\n');
    return depth ? '\n' + text : text;
  }
  if (typeof value === 'string') return /^[\w./-][\w ./:-]*$/.test(value) && !value.endsWith(':') && !value.includes(': ') ? value : JSON.stringify(value);
  return String(value);
}

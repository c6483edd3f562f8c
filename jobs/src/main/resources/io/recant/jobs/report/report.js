// The report of a run: its sections in order.

function showReport() {
  const data = pageData();
  showPage(data.runId, data.title, `Run ${data.runId}, written ${instant(data.generated)}.`,
    [rowsSection(data), detectionSection(data), samplesSection(data), modelsSection(data), provenanceSection(data)],
    { rows: 'Found', detection: 'Trust', samples: 'Samples', models: 'Unlearning', provenance: 'Provenance' });
}

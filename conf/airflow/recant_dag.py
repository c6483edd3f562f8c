"""One run of Recant for every logical date: a task per step, each a spark-submit.

What to run comes from the DAG's parameters, where it is kept from the logical date: the run of 2026-01-31 is always the same run
directory. Steps are write-once, so a task may be tried again, or a whole date cleared and run again: what is committed already
is not done twice, and a step that was killed goes on where it stopped. A second driver on the same run ends with status 75 and is
tried again later; wrong configuration (64) and bad input (65) fail at once, since trying again changes nothing.

The cells of the grids of `train`, `unlearn` and `score` are Spark tasks of one application, saved one by one, and not mapped
tasks here: a mapped task would start an application for a single cell, and one run has one writer. Map over what are runs of
their own, as several corpora: `RecantStep.partial(...).expand_kwargs(...)` with another `run_id` each.

The forget set, the unlearned models and the report are assets; the event of each carries `run`, the folder to read from:

    @dag(schedule=[Asset("recant_forget_set")])
    def retrain(): ...      # triggering_asset_events["recant_forget_set"][0].extra["run"] + "/forget"

Needs apache-airflow-providers-apache-spark and a connection `spark_default`, whose extra says deploy-mode and queue.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, Asset, Param

# Every step there is, in the order of a pipeline.
STEPS = (
    "ingest", "inject", "features", "consensus", "detect", "decide", "repair", "train", "unlearn", "score", "report",
)
# What a step makes that others may wait for.
ASSETS = {
    "decide": Asset("recant_forget_set"),
    "unlearn": Asset("recant_unlearned_models"),
    "report": Asset("recant_report"),
}
WRONG_USE, BAD_INPUT = 64, 65


class RecantStep(SparkSubmitOperator):
    """Submits one step of the run, unless the run's configuration leaves it out."""

    template_fields = (*SparkSubmitOperator.template_fields, "run")

    def __init__(self, *, step: str, run: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.step = step
        self.run = run

    def execute(self, context) -> None:
        if self.step not in context["params"]["steps"]:
            raise AirflowSkipException(f"{self.step} is none of the steps of this run")
        for setting in context["params"]["settings"]:
            self.application_args += ["--set", setting]
        try:
            super().execute(context)
        except AirflowException as failure:
            if any(f"Error code is: {status}." in str(failure) for status in (WRONG_USE, BAD_INPUT)):
                raise AirflowFailException(str(failure)) from failure
            raise
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"run": self.run}


with DAG(
    dag_id="recant",
    description="Finds what a model should never have learned, makes it unlearn that, and proves it",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Runs of different dates are different directories; they share nothing but the cluster.
    max_active_runs=4,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2), "retry_exponential_backoff": True},
    params={
        "jar": Param("hdfs:///recant/recant.jar", type="string", description="The jar of 'mvn package', where the driver finds it"),
        "conf": Param("quickstart.yaml", type="string", description="The pipeline's YAML: a path or URI that the driver reads, or a bundled one"),
        "steps": Param(
            ["ingest", "features", "detect", "decide", "repair", "report"],
            type="array",
            items={"type": "string", "enum": list(STEPS)},
            description="Those that the YAML names",
        ),
        "root": Param("hdfs:///recant/runs", type="string", description="Where runs are kept: a filesystem that every executor reaches"),
        "settings": Param([], type="array", items={"type": "string"}, description="KEY=VALUE, as for --set"),
        "properties_file": Param("conf/spark/yarn.conf", type="string", description="Settings of Spark, on the machine that submits"),
    },
    tags=["recant"],
) as dag:
    run_id = "{{ dag.dag_id }}-{{ (logical_date or dag_run.run_after) | ts_nodash }}"
    before = None
    for name in STEPS:
        task = RecantStep(
            task_id=name,
            step=name,
            run="{{ params.root }}/" + run_id,
            name="recant " + name + " " + run_id,
            java_class="io.recant.jobs.Main",
            application="{{ params.jar }}",
            application_args=[name, "--conf", "{{ params.conf }}", "--root", "{{ params.root }}", "--run-id", run_id],
            properties_file="{{ params.properties_file }}",
            outlets=[ASSETS[name]] if name in ASSETS else [],
            # The run's lock and its manifests say what goes on and what is done; a retry need not find the old driver.
            durable=False,
            trigger_rule="none_failed",
        )
        if before is not None:
            before >> task
        before = task

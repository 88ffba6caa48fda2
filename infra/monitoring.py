"""The alarms and the dashboard."""

# jsii renames the parameters of its interfaces, so that no construct fits its own protocol.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Config

#: As runner/telemetry.py names them, the service by default; a test compares the two.
NAMESPACE = "MedLaunchELT"
SERVICE = "medlaunch-elt"

FIVE_MINUTES = Duration.minutes(5)
AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD


class Monitoring(Construct):
    """Alarms that notify the topic, and one dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        topic: sns.ITopic,
        state_machine: sfn.StateMachine,
        queue: sqs.IQueue,
        dead_letters: sqs.IQueue,
        functions: Mapping[str, lambda_.IFunction],
        workgroup: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._action = actions.SnsAction(topic)
        self._execution_alarms(state_machine)
        self._alarm(
            "DeadLetters",
            "An event that dispatch could not handle or a schedule that could not start is in the queue",
            dead_letters.metric_approximate_number_of_messages_visible(
                period=FIVE_MINUTES, statistic="Maximum"
            ),
        )
        for name, function in functions.items():
            # The state machine retries and reports the failures of these two.
            if name not in ("transform", "publish"):
                self._alarm(
                    f"{name.capitalize()}Errors",
                    f"The {name} function failed",
                    function.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
                )
        self._alarm(
            "RejectRatio",
            f"More than {config.reject_ratio_alarm:.0%} of a run's lines were rejected",
            pipeline_metric(config, "RejectRatio", "Maximum"),
            threshold=config.reject_ratio_alarm,
            operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        )
        self._staleness(config, state_machine)
        self._dashboard(config, state_machine, queue, dead_letters, functions, workgroup)

    def _execution_alarms(self, state_machine: sfn.StateMachine) -> None:
        for name, words, metric in (
            ("Failed", "failed", state_machine.metric_failed),
            ("TimedOut", "timed out", state_machine.metric_timed_out),
        ):
            self._alarm(
                f"Executions{name}",
                f"An execution of the state machine {words}",
                metric(period=FIVE_MINUTES, statistic="Sum"),
            )

    def _staleness(self, config: Config, state_machine: sfn.StateMachine) -> None:
        hours = config.staleness_hours
        self._alarm(
            "Staleness",
            f"No execution has succeeded for {hours} hours",
            state_machine.metric_succeeded(period=Duration.hours(1), statistic="Sum"),
            operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            periods=hours,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _alarm(
        self,
        name: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float = 1,
        operator: cloudwatch.ComparisonOperator = AT_LEAST,
        periods: int = 1,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=operator,
            evaluation_periods=periods,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(self._action)

    def _dashboard(
        self,
        config: Config,
        state_machine: sfn.StateMachine,
        queue: sqs.IQueue,
        dead_letters: sqs.IQueue,
        functions: Mapping[str, lambda_.IFunction],
        workgroup: str,
    ) -> None:
        def graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
            return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)

        dashboard = cloudwatch.Dashboard(self, "Dashboard")
        dashboard.add_widgets(
            graph(
                "Executions",
                state_machine.metric_succeeded(),
                state_machine.metric_failed(),
                state_machine.metric_timed_out(),
                state_machine.metric_aborted(),
            ),
            graph("Time of an execution", state_machine.metric_time()),
            graph(
                "Events waiting",
                queue.metric_approximate_number_of_messages_visible(),
                queue.metric_approximate_age_of_oldest_message(),
                dead_letters.metric_approximate_number_of_messages_visible(),
            ),
        )
        dashboard.add_widgets(
            graph("Reject ratio", pipeline_metric(config, "RejectRatio", "Maximum")),
            graph(
                "Bytes scanned by Athena",
                *(
                    cloudwatch.Metric(
                        namespace="AWS/Athena",
                        metric_name="ProcessedBytes",
                        dimensions_map={"WorkGroup": workgroup, "QueryType": kind, "QueryState": "SUCCEEDED"},
                        statistic="Sum",
                        label=kind,
                    )
                    for kind in ("DML", "DDL")
                ),
            ),
            graph("Time of a function", *(function.metric_duration() for function in functions.values())),
        )
        dashboard.add_widgets(
            graph("Errors of functions", *(function.metric_errors() for function in functions.values())),
            graph(
                "Throttles of functions", *(function.metric_throttles() for function in functions.values())
            ),
        )


def pipeline_metric(config: Config, name: str, statistic: str) -> cloudwatch.Metric:
    """A metric that the runner itself emits."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": config.service},
        statistic=statistic,
        period=FIVE_MINUTES,
    )

"""The alarms and the dashboard."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Config

#: The same names as in runner/telemetry.py, and its default service. A test compares them.
NAMESPACE = "MedLaunchELT"
SERVICE = "medlaunch-elt"

FIVE_MINUTES = Duration.minutes(5)
AN_HOUR = Duration.hours(1)
#: An event waits for the batch window and a free dispatch. A longer wait means that dispatch makes no
#: progress.
OLDEST_EVENT_SECONDS = 3600
#: A function that uses more than this share of its time-out will soon reach its time-out.
LONGEST_SHARE = 0.8
#: Callers retry single throttles. This many in five minutes mean that a quota is too low.
THROTTLES = 10
AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD


@dataclass(frozen=True, slots=True)
class Watched:
    """The resources that the alarms and the dashboard watch.

    Attributes:
        state_machine: the executions.
        queue: the events that wait for dispatch.
        dead_letters: the messages that could not be handled.
        rules: EventBridge's rules by name.
        functions: by name.
        time_outs: the functions' time-outs in seconds, by name.
        workgroup: the Athena workgroup.
    """

    state_machine: sfn.StateMachine
    queue: sqs.IQueue
    dead_letters: sqs.IQueue
    rules: Mapping[str, events.IRule]
    functions: Mapping[str, lambda_.IFunction]
    time_outs: Mapping[str, int]
    workgroup: str


class Monitoring(Construct):
    """Alarms that notify the topic, and one dashboard.

    Attributes:
        alarms: by name.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, topic: sns.ITopic, watched: Watched
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._action = actions.SnsAction(topic)
        self.alarms: dict[str, cloudwatch.Alarm] = {}
        self._execution_alarms(watched.state_machine)
        self._queue_alarms(watched)
        self._function_alarms(watched)
        self._alarm(
            "RejectRatio",
            f"More than {config.reject_ratio_alarm:.0%} of a run's lines were rejected",
            pipeline_metric(config, "RejectRatio", "Maximum"),
            threshold=config.reject_ratio_alarm,
            operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        )
        self._alarm(
            "DataTestWarnings",
            "Data tests of a run warned, such as of an unknown field: the log of Transform names them",
            pipeline_metric(config, "DataTestWarnings", "Maximum"),
        )
        self._staleness()
        self._dashboard(watched)

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

    def _queue_alarms(self, watched: Watched) -> None:
        self._alarm(
            "DeadLetters",
            "An event that dispatch could not handle or a schedule that could not start is in the queue",
            watched.dead_letters.metric_approximate_number_of_messages_visible(
                period=FIVE_MINUTES, statistic="Maximum"
            ),
        )
        self._alarm(
            "QueueAge",
            "An event has waited for dispatch for an hour",
            watched.queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="Maximum"),
            threshold=OLDEST_EVENT_SECONDS,
        )
        for name, rule in watched.rules.items():
            self._alarm(
                f"{name}Undelivered",
                f"EventBridge could not deliver an event of the rule {name}",
                cloudwatch.Metric(
                    namespace="AWS/Events",
                    metric_name="FailedInvocations",
                    dimensions_map={"RuleName": rule.rule_name},
                    statistic="Sum",
                    period=FIVE_MINUTES,
                ),
            )

    def _function_alarms(self, watched: Watched) -> None:
        for key, function in watched.functions.items():
            name = key.capitalize()
            # The state machine retries and reports the failures of these functions.
            if key not in ("transform", "publish", "report"):
                self._alarm(
                    f"{name}Errors",
                    f"The {key} function failed",
                    function.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
                )
            self._alarm(
                f"{name}Throttles",
                f"Lambda refused to start the {key} function {THROTTLES} times in five minutes",
                function.metric_throttles(period=FIVE_MINUTES, statistic="Sum"),
                threshold=THROTTLES,
            )
            seconds = watched.time_outs[key]
            self._alarm(
                f"{name}Duration",
                f"The {key} function took more than {LONGEST_SHARE:.0%} of its {seconds} seconds",
                function.metric_duration(period=FIVE_MINUTES, statistic="Maximum"),
                threshold=LONGEST_SHARE * seconds * 1000,
            )

    def _staleness(self) -> None:
        """Alarms on the ages that maintain reports every hour.

        A separate alarm reports failures of maintain.
        """
        hours = self._config.staleness_hours
        for name, what in (
            ("Published", "Nothing was published below prod/"),
            ("Expiring", "Stage 2 wrote no file"),
        ):
            self._alarm(
                "Staleness" if name == "Published" else f"{name}Overdue",
                f"{what} for {hours} hours",
                cloudwatch.Metric(
                    namespace=NAMESPACE,
                    metric_name=f"HoursSince{name}",
                    dimensions_map={"service": self._config.service},
                    statistic="Minimum",
                    period=AN_HOUR,
                ),
                threshold=hours,
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
        self.alarms[name] = alarm

    def _dashboard(self, watched: Watched) -> None:
        state_machine, queue, dead_letters = watched.state_machine, watched.queue, watched.dead_letters
        functions = watched.functions

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
            graph(
                "Hours since the newest result",
                pipeline_metric(self._config, "HoursSincePublished", "Minimum"),
                pipeline_metric(self._config, "HoursSinceExpiring", "Minimum"),
            ),
            graph("Reject ratio", pipeline_metric(self._config, "RejectRatio", "Maximum")),
            graph(
                "Bytes scanned by Athena",
                *(scanned(watched.workgroup, kind, "SUCCEEDED", FIVE_MINUTES) for kind in ("DML", "DDL")),
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


def scanned(workgroup: str, kind: str, state: str, period: Duration) -> cloudwatch.Metric:
    """The bytes that Athena scanned for one kind of query that ended in one state.

    https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html
    """
    return cloudwatch.Metric(
        namespace="AWS/Athena",
        metric_name="ProcessedBytes",
        dimensions_map={"WorkGroup": workgroup, "QueryType": kind, "QueryState": state},
        statistic="Sum",
        label=kind,
        period=period,
    )

"""The stack that processes the data: functions, queue, state machine, schedules, alerts."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import ArnFormat, CfnOutput, CustomResource, Duration, Size, Stack, TimeZone
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra import access, bronze_rule, messaging, releases
from infra.config import Config
from infra.functions import Function, Functions
from infra.lake_stack import SUPERSEDED, LakeStack, classify
from infra.monitoring import Monitoring, Watched
from infra.state_machine import DEFINITION, substitutions

#: Below 1769 MB a Lambda function has less than one vCPU, and dbt's parsing needs CPU.
ONE_VCPU_MB = 1769
#: dbt runs in this process. Its measured peak is below 512 MB. The rest of the memory buys CPU.
TRANSFORM_MEMORY_MB = 2048
LONGEST_LAMBDA = Duration.minutes(15)
#: Stage 2 keeps rows in temporary files. A file at its cap (256 MiB) needs two copies in each of two
#: processes, and up to five outcomes of that size wait to be written.
EXPIRING_SCRATCH_MIB = 3072
#: A batch of S3 events of about 1.5 kB each is far below the 6 MB limit of one invocation.
DISPATCH_BATCH_SIZE = 1000
#: Without a batch window Lambda takes at most this many messages at once (API_CreateEventSourceMapping):
#: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
LARGEST_BATCH_WITHOUT_WINDOW = 10
DISPATCH_CONCURRENCY = 2


class PipelineStack(Stack):
    """Everything that runs. It can be destroyed and deployed again without losing data."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: Config, data: LakeStack, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._config = config
        self._data = data
        self._key = messaging.messaging_key(self)
        self._functions = Functions(self, config, data, self._key)
        self.topic = messaging.alert_topic(self, self._key, config)

        self.transform = self._transform()
        self.publish = self._publish()
        self.report = _report(self)
        self.state_machine = _state_machine(self)
        self.queue, self.dead_letters = messaging.event_queues(self, self._key, config)
        self.dispatch = self._dispatch()
        self.expiring = self._expiring()
        self.maintain = self._maintain()
        initialised = self._initialise()
        _operator(self)
        functions = {
            "transform": self.transform,
            "publish": self.publish,
            "report": self.report,
            "dispatch": self.dispatch,
            "expiring": self.expiring,
            "maintain": self.maintain,
        }
        monitoring = _watch(self, functions)
        for made in functions.values():
            # A new version that cannot create its tables gets no calls.
            made.live.node.add_dependency(initialised)
        if config.release_minutes:
            releases.move_slowly(
                self,
                {
                    "Transform": self.transform.live,
                    "Publish": self.publish.live,
                    "Dispatch": self.dispatch.live,
                },
                [monitoring.alarms[name] for name in ("ExecutionsFailed", "DispatchErrors")],
                config.release_minutes,
            )
        classify(self, config)
        _acknowledge(self, data)

    def _runs_dbt(self, role: iam.Role, *, read: tuple[str, ...] = (), write: tuple[str, ...] = ()) -> None:
        for statement in (
            *access.queries(self, self._data),
            access.bucket_location(self._data),
            *access.objects(
                self._data,
                read=read,
                write=(*access.TABLES, "pipeline_state", "stage1_query_results", *write),
                delete=access.TABLES,
            ),
        ):
            role.add_to_policy(statement)

    def _transform(self) -> Function:
        made = self._functions.make(
            "Transform",
            memory=TRANSFORM_MEMORY_MB,
            timeout=LONGEST_LAMBDA,
            # The lease admits only one writer even without a reservation. An account must keep 100 executions
            # unreserved. A new account may have only 10 in total, and Lambda would then refuse the function:
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
            reserved_concurrent_executions=self._config.transform_concurrency or None,
        )
        self._runs_dbt(
            made.role,
            # It checks which files are already in prod/.
            read=("bronze", "prod_current"),
            write=("stage3_processed_exports", "stage3_rejects_exports"),
        )
        return made

    def _publish(self) -> Function:
        made = self._functions.make(
            "PublishCurrent",
            memory=512,
            timeout=Duration.minutes(5),
            handler="runner.lambdas.handlers.publish",
        )
        for statement in access.objects(
            self._data,
            read=("stage3_processed_exports", "stage3_rejects_exports"),
            write=("pipeline_state", "prod_processed", "prod_rejects", "prod_current"),
            delete=("pipeline_state",),
        ):
            made.role.add_to_policy(statement)
        return made

    def _maintain(self) -> Function:
        made = self._functions.make(
            "Maintain",
            memory=TRANSFORM_MEMORY_MB,
            timeout=LONGEST_LAMBDA,
            on_failure=destinations.SnsDestination(self.topic),
        )
        self._runs_dbt(made.role)
        # It reports the ages of the newest results, and removes the rejects exports that no manifest names.
        made.role.add_to_policy(access.listing(self._data, ("prod_processed", "expiring_soon", *SUPERSEDED)))
        for statement in access.objects(self._data, read=("prod_current",), delete=SUPERSEDED):
            made.role.add_to_policy(statement)
        self._schedule(
            "Hourly",
            made,
            scheduler.ScheduleExpression.cron(minute="15", time_zone=TimeZone.ETC_UTC),
            recent_days=2,
        )
        self._schedule(
            "Nightly",
            made,
            scheduler.ScheduleExpression.cron(hour="3", minute="0", time_zone=TimeZone.ETC_UTC),
        )
        return made

    def _expiring(self) -> Function:
        made = self._functions.make(
            "Expiring",
            # Stage 2 judges files in one process per vCPU.
            memory=2 * ONE_VCPU_MB,
            timeout=LONGEST_LAMBDA,
            ephemeral_storage_size=Size.mebibytes(EXPIRING_SCRATCH_MIB),
            environment={
                "WINDOW_DAYS": str(self._config.window_days),
                "SNAPSHOTS": self._config.snapshots,
                "STAGE2_ENGINE": self._config.stage2_engine,
            },
            on_failure=destinations.SnsDestination(self.topic),
        )
        reads_table = self._config.stage2_engine != "stream"
        for statement in (
            *(access.selects(self, self._data) if reads_table else ()),
            *access.objects(
                self._data,
                read=("bronze", *(("dbt",) if reads_table else ())),
                write=("expiring_soon", "quarantine", *(("stage1_query_results",) if reads_table else ())),
                delete=("quarantine",),
            ),
        ):
            made.role.add_to_policy(statement)
        self._schedule(
            "Daily",
            made,
            scheduler.ScheduleExpression.cron(hour="6", minute="0", time_zone=TimeZone.ETC_UTC),
        )
        return made

    def _schedule(
        self, name: str, made: Function, expression: scheduler.ScheduleExpression, **event: Any
    ) -> None:
        role = iam.Role(
            self, f"{name}ScheduleRole", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")
        )
        # The dead-letter queue is encrypted. Without the key a failed schedule would be lost.
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        role.add_to_policy(access.key_use(self._key.key_arn))
        scheduler.Schedule(
            self,
            name,
            schedule=expression,
            target=scheduler_targets.LambdaInvoke(
                made.live,
                dead_letter_queue=self.dead_letters,
                role=role,
                # The day of the run. It stays the same if a retry happens on the next day.
                input=scheduler.ScheduleTargetInput.from_object(
                    {"time": scheduler.ContextAttribute.scheduled_time, **event}
                ),
            ),
        )

    def _dispatch(self) -> Function:
        window = self._config.batch_window_seconds
        made = self._functions.make(
            "Dispatch",
            memory=512,
            timeout=Duration.seconds(messaging.DISPATCH_TIMEOUT_SECONDS),
            environment={"STATE_MACHINE_ARN": self.state_machine.state_machine_arn},
        )
        made.role.add_to_policy(
            iam.PolicyStatement(
                actions=["states:StartExecution"], resources=[self.state_machine.state_machine_arn]
            )
        )
        made.live.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=DISPATCH_BATCH_SIZE if window else LARGEST_BATCH_WITHOUT_WINDOW,
                max_batching_window=Duration.seconds(window),
                max_concurrency=DISPATCH_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        for mapping in made.live.node.find_all():
            if isinstance(mapping, lambda_.EventSourceMapping):
                # The functions of the state machine must exist before the first event.
                mapping.node.add_dependency(self.transform.live, self.publish.live, self.report.live)
        return made

    def _initialise(self) -> CustomResource:
        """Let the deployment create source table, seeds, view and empty tables."""
        made = self._functions.make(
            "Initialise",
            memory=TRANSFORM_MEMORY_MB,
            timeout=LONGEST_LAMBDA,
            handler="runner.lambdas.deployment.at_deployment",
            # This is called if the lease was held for too long.
            on_failure=destinations.SnsDestination(self.topic),
            aliased=False,
        )
        self._runs_dbt(made.role, read=("bronze",))
        made.role.add_to_policy(access.creates_database(self, self._data))
        resource = CustomResource(
            self,
            "InitialisedLake",
            resource_type="Custom::MedLaunchLake",
            service_token=made.function.function_arn,
            service_timeout=LONGEST_LAMBDA,
            # Every new image initialises again, because a later version may have added a column or a seed.
            properties={"Image": _image_tag(made.function)},
        )
        resource.node.add_dependency(made.role)
        return resource


def _operator(stack: PipelineStack) -> None:
    """The role for running `medlaunch status`, `transform` and `report --publish` by hand.

    It may also start executions of the state machine. The outputs are the settings of `medlaunch status`.
    """
    role = iam.Role(
        stack,
        "Operator",
        description="Runs medlaunch by hand: backfills, upkeep, initialisation",
        assumed_by=iam.AccountRootPrincipal(),
        max_session_duration=Duration.hours(12),
    )
    stack._runs_dbt(
        role,
        read=("bronze", "expiring_soon", "prod_current", "prod_processed", "prod_rejects", "quarantine"),
        write=("prod_report", "stage3_processed_exports", "stage3_rejects_exports"),
    )
    machine = stack.state_machine
    machine.grant(role, "states:ListExecutions", "states:StartExecution")
    executions = stack.format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    role.add_to_policy(iam.PolicyStatement(actions=["states:DescribeExecution"], resources=[executions]))
    queues = [stack.queue, stack.dead_letters]
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["sqs:GetQueueAttributes"], resources=[queue.queue_arn for queue in queues]
        )
    )
    CfnOutput(stack, "OperatorRoleArn", value=role.role_arn, description="Assume it to run medlaunch")
    CfnOutput(stack, "StateMachineArn", value=machine.state_machine_arn, description="STATE_MACHINE_ARN")
    CfnOutput(stack, "BronzeQueueUrl", value=stack.queue.queue_url, description="BRONZE_QUEUE_URL")
    CfnOutput(
        stack, "DeadLetterQueueUrl", value=stack.dead_letters.queue_url, description="DEAD_LETTER_QUEUE_URL"
    )


def _bronze_changed(stack: PipelineStack) -> events.Rule:
    pattern = bronze_rule.event_pattern(stack._data.bucket_name)
    return events.Rule(
        stack,
        "BronzeChanged",
        description="A raw file was written or deleted",
        event_pattern=events.EventPattern(
            source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern["detail"]
        ),
        targets=[targets.SqsQueue(stack.queue, dead_letter_queue=stack.dead_letters)],
    )


def _watch(stack: PipelineStack, functions: Mapping[str, Function]) -> Monitoring:
    cut_short = messaging.alert_of_cut_short_executions(
        stack, stack.state_machine, stack.topic, stack.dead_letters
    )
    return Monitoring(
        stack,
        "Monitoring",
        config=stack._config,
        topic=stack.topic,
        watched=Watched(
            state_machine=stack.state_machine,
            queue=stack.queue,
            dead_letters=stack.dead_letters,
            rules={"BronzeChanged": _bronze_changed(stack), "ExecutionCutShort": cut_short},
            functions={name: made.function for name, made in functions.items()},
            time_outs={name: made.seconds for name, made in functions.items()},
            workgroup=stack._data.workgroup_name,
        ),
    )


def _report(stack: PipelineStack) -> Function:
    made = stack._functions.make(
        "PublishReport",
        memory=512,
        timeout=Duration.minutes(5),
        handler="runner.lambdas.handlers.publish_report",
    )
    for statement in access.objects(
        stack._data,
        read=(
            "expiring_soon",
            "prod_processed",
            "prod_rejects",
            "quarantine",
            "stage3_processed_exports",
            "stage3_rejects_exports",
        ),
        write=("pipeline_state", "prod_report"),
    ):
        made.role.add_to_policy(statement)
    # The report names the dates that wait for their first run.
    made.role.add_to_policy(access.listing(stack._data, ("bronze",)))
    return made


def _state_machine_role(stack: PipelineStack) -> iam.Role:
    role = iam.Role(stack, "StateMachineRole", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["lambda:InvokeFunction"],
            resources=[made.live_arn for made in (stack.transform, stack.publish, stack.report)],
        )
    )
    for statement in access.copies(
        stack._data,
        source=("stage3_processed_exports", "stage3_rejects_exports"),
        target=("prod_processed", "prod_rejects"),
    ):
        role.add_to_policy(statement)
    role.add_to_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=[stack.topic.topic_arn]))
    role.add_to_policy(access.key_use(stack._key.key_arn))
    return role


def _state_machine(stack: PipelineStack) -> sfn.StateMachine:
    role = _state_machine_role(stack)
    machine = sfn.StateMachine(
        stack,
        "Publish",
        definition_body=sfn.DefinitionBody.from_string(DEFINITION.read_text("utf-8")),
        definition_substitutions=substitutions(
            transform_arn=stack.transform.live_arn,
            publish_arn=stack.publish.live_arn,
            report_arn=stack.report.live_arn,
            topic_arn=stack.topic.topic_arn,
            bucket=stack._data.bucket_name,
            region=stack.region,
        ),
        state_machine_type=sfn.StateMachineType.STANDARD,
        role=role,
        tracing_enabled=True,
        logs=sfn.LogOptions(
            # A name with this beginning keeps the account's log resource policy below its size limit (Step
            # Functions developer guide, "Logging using CloudWatch Logs").
            destination=stack._functions.log_group(
                "PublishLogs", log_group_name=f"/aws/vendedlogs/states/{stack.stack_name}-Publish"
            ),
            level=sfn.LogLevel.ALL,
            include_execution_data=True,
        ),
    )
    # The machine starts the parts of a group of dates. This is a separate policy, because the machine waits
    # for the role's first policy.
    iam.Policy(
        stack,
        "StartsParts",
        roles=[role],
        statements=[
            iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine.state_machine_arn])
        ],
    )
    return machine


def _acknowledge(stack: PipelineStack, data: LakeStack) -> None:
    """Accept findings of the AWS Solutions checks, with reasons. A test lists each role's exact rights."""
    tells = {"Action::kms:GenerateDataKey*": "As SNS's destination grants it: with and without plaintext."}
    traces = {"Resource::*": "X-Ray has no resource to name."}
    meant = {
        "StateMachineRole": {"Resource::*": "X-Ray and log delivery have no resource to name."},
        "ReleasesRole": {
            "Resource::*": "CodeDeploy asks for the alarms of a deployment by name, in one call."
        },
        "ExpiringRole": tells | traces,
        "MaintainRole": tells | traces,
        "InitialiseRole": tells | traces,
        "TransformRole": traces,
        "PublishCurrentRole": traces,
        "PublishReportRole": traces,
        "DispatchRole": traces,
    }
    for role in stack.node.find_all():
        if isinstance(role, iam.Role):
            access.acknowledge_wildcards(role, data.database_name, meant.get(role.node.id, {}))


def _image_tag(function: lambda_.DockerImageFunction) -> str:
    """The image's tag, which changes with its content."""
    resource = function.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    code = Stack.of(function).resolve(resource.code)
    return code["imageUri"]["Fn::Sub"].rpartition(":")[2]

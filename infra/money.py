"""The stack that watches costs: a budget, and an alarm on the bytes that Athena scans in a day."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Config
from infra.lake_stack import DEPLOYMENT_TAG, classify
from infra.monitoring import AT_LEAST, scanned

#: Shares of the budget: the amount spent, and AWS's forecast for the month.
SPENT_PERCENT, FORESEEN_PERCENT = 80, 100


class MoneyStack(Stack):
    """Separate from the pipeline, because a budget belongs to an account and not to a region."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        topic: sns.Topic,
        workgroup: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._scan_alarm(config, topic, workgroup)
        if config.monthly_budget:
            self._budget(config, topic)
        classify(self, config)

    def _scan_alarm(self, config: Config, topic: sns.Topic, workgroup: str) -> None:
        """An alarm over all queries of the workgroup. The cutoff limits only single queries.

        Athena's own limit for a workgroup is also an alarm, but CloudFormation cannot create it:
        https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html
        """
        day = Duration.days(1)
        parts = {
            f"{kind.lower()}_{state.lower()}": scanned(workgroup, kind, state, day)
            for kind in ("DML", "DDL")
            for state in ("SUCCEEDED", "FAILED", "CANCELED")
        }
        alarm = cloudwatch.Alarm(
            self,
            "BytesScanned",
            alarm_description=f"Athena scanned more than {config.bytes_scanned_alarm:,} bytes in a day",
            metric=cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in parts), using_metrics=parts, period=day
            ),
            threshold=config.bytes_scanned_alarm,
            comparison_operator=AT_LEAST,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))

    def _budget(self, config: Config, topic: sns.Topic) -> None:
        """A budget for this deployment's tag. It works after the tag is activated in Billing.

        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
        """
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"{config.stack_prefix}-monthly",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=config.monthly_budget, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:{DEPLOYMENT_TAG}${config.stack_prefix}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(address=topic.topic_arn, subscription_type="SNS")
                    ],
                )
                for kind, percent in (("ACTUAL", SPENT_PERCENT), ("FORECASTED", FORESEEN_PERCENT))
            ],
        )

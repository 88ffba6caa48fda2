"""The stack that holds the data: key, buckets, Glue database, Athena workgroup."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from infra.config import Config
from runner import lake

#: The prefixes that only the pipeline writes.
GUARDED = ("pipeline_state", "prod_current", "prod_processed", "prod_rejects", "prod_report")
#: Parts of an incomplete upload cost storage, and no listing shows them.
INCOMPLETE_UPLOAD_DAYS = 1
#: Temporary tables live for one run. The tables of a crashed run expire the next day.
TEMPORARY_DAYS = 1
#: Results that are too large for an execution. They are kept as long as Step Functions keeps executions.
RESULT_DAYS = 90
#: Exports from which `maintain` deletes superseded ones.
SUPERSEDED = ("stage3_rejects_exports", "prod_rejects")
#: Billing separates deployments by this tag, after it is activated there as a cost allocation tag:
#: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
DEPLOYMENT_TAG = "Deployment"
#: Access logs answer who read or deleted what. Such questions are asked within a year.
ACCESS_LOG_DAYS = 365


class LakeStack(Stack):
    """Everything that must outlive the pipeline.

    The attributes are values that other stacks import from this stack's exports.

    Attributes:
        key_arn: the KMS key that encrypts the lake.
        bucket_name: the lake's bucket.
        bucket_arn: the same.
        database_name: the Glue database of all tables.
        workgroup_name: the Athena workgroup of all queries.
        producer: the role for delivering files.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: Config, **kwargs: Any) -> None:
        super().__init__(
            scope, construct_id, termination_protection=config.removal_policy == "retain", **kwargs
        )
        # RetainExceptOnCreate: a failed first deployment leaves nothing behind that conflicts with the next
        # one.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
        removal = (
            RemovalPolicy.DESTROY
            if config.removal_policy == "destroy"
            else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        )
        key = self._lake_key(config, removal)
        bucket = self._bucket(config, key, removal)
        self._guard(bucket, key, config)
        self.producer = self._producer(bucket, key)
        self._database(config, removal)
        self._workgroup(config, key, bucket)
        self.key_arn: str = config.lake_key_arn or self.export_value(key.key_arn)
        self.bucket_name: str = self.export_value(bucket.bucket_name)
        self.bucket_arn: str = self.export_value(bucket.bucket_arn)
        self.database_name = config.glue_database
        self.workgroup_name = config.athena_workgroup
        classify(self, config)

    def _lake_key(self, config: Config, removal: RemovalPolicy) -> kms.Key | kms.IKey:
        """A new key of this stack, or the key with which an earlier deployment encrypted its objects."""
        if config.lake_key_arn:
            return kms.Key.from_key_arn(self, "LakeKey", config.lake_key_arn)
        return kms.Key(
            self,
            "LakeKey",
            description="Encrypts the MedLaunch lake",
            enable_key_rotation=True,
            removal_policy=removal,
        )

    def _bucket(self, config: Config, key: kms.Key | kms.IKey, removal: RemovalPolicy) -> s3.Bucket:
        name = config.bucket_name or (
            f"{config.stack_prefix.lower()}-elt-datalake-{self.account}-{self.region}"
        )
        shared: dict[str, Any] = {
            "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
            "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            "enforce_ssl": True,
            "minimum_tls_version": 1.2,
            "versioned": True,
            "removal_policy": removal,
        }
        # S3 delivers access logs only to a bucket under its own key.
        logs = s3.Bucket(
            self,
            "AccessLogs",
            # A fixed name, so that CloudFormation can adopt the bucket of an earlier deployment.
            bucket_name=f"{name}-logs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="access-logs",
                    expiration=Duration.days(ACCESS_LOG_DAYS),
                    noncurrent_version_expiration=Duration.days(config.noncurrent_versions_days),
                    abort_incomplete_multipart_upload_after=Duration.days(INCOMPLETE_UPLOAD_DAYS),
                )
            ],
            **shared,
        )
        bucket = s3.Bucket(
            self,
            "Lake",
            bucket_name=name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="lake/",
            lifecycle_rules=_lifecycle(config),
            **shared,
        )
        # Bucket(event_bridge_enabled=True) would create one more function with its own role for this.
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
        return bucket

    def _guard(self, bucket: s3.Bucket, key: kms.Key | kms.IKey, config: Config) -> None:
        """Limit who may write where, even if other policies allow more.

        Only the pipeline stack's roles, whose names begin with the stack's name, may write the pipeline's
        state and the published files. If a request names a key or a kind of encryption, it must be the
        lake's:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        """
        roles = f"arn:{self.partition}:iam::{self.account}:role/{config.stack_prefix}Pipeline-*"
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyThePipelineWritesHere",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:DeleteObject", "s3:PutObject"],
                resources=[bucket.arn_for_objects(f"{lake.prefix(name)}/*") for name in GUARDED],
                conditions={"ArnNotLike": {"aws:PrincipalArn": roles}},
            )
        )
        for sid, header, wanted in (
            ("OnlyWithTheLakesKey", "s3:x-amz-server-side-encryption-aws-kms-key-id", key.key_arn),
            ("OnlyEncryptedByKms", "s3:x-amz-server-side-encryption", "aws:kms"),
        ):
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=["s3:PutObject"],
                    resources=[bucket.arn_for_objects("*")],
                    # A request that names neither uses the bucket's default, which is the lake's key.
                    conditions={"StringNotEquals": {header: wanted}, "Null": {header: "false"}},
                )
            )

    def _producer(self, bucket: s3.Bucket, key: kms.Key | kms.IKey) -> iam.Role:
        """The role that delivers the facilities' files.

        It may only put files below bronze. Every identity of the account that may assume roles can assume it.
        The operator adds trust of other accounts.
        """
        role = iam.Role(
            self,
            "Producer",
            description="Puts raw files below the bronze prefix",
            assumed_by=iam.AccountRootPrincipal(),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
                resources=[bucket.arn_for_objects(f"{lake.prefix('bronze')}/*")],
            )
        )
        # A multipart upload reads its own parts back:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
        role.add_to_policy(
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn])
        )
        CfnOutput(self, "ProducerRoleArn", value=role.role_arn, description="Assume it to deliver files")
        return role

    def _database(self, config: Config, removal: RemovalPolicy) -> None:
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=config.glue_database, description="Health-care facilities and their accreditations"
            ),
        )
        database.apply_removal_policy(removal)

    def _workgroup(self, config: Config, key: kms.Key | kms.IKey, bucket: s3.Bucket) -> None:
        athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=config.athena_workgroup,
            description="Queries of the MedLaunch pipeline",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                # dbt-athena and the exports choose their own locations. An enforced location would silently
                # override both.
                enforce_work_group_configuration=False,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=config.bytes_scanned_cutoff,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{bucket.bucket_name}/{lake.prefix('stage1_query_results')}/",
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=key.key_arn
                    ),
                ),
            ),
        )


def classify(scope: IConstruct, config: Config) -> None:
    """Tag everything below with its class of data and the deployment that pays for it.

    The value has a hyphen because S3 and IAM refuse parentheses in a tag's value.
    """
    Tags.of(scope).add("Application", "MedLaunchELT")
    Tags.of(scope).add(DEPLOYMENT_TAG, config.stack_prefix)
    Tags.of(scope).add("DataClass", "Confidential")
    Tags.of(scope).add("ContainsPHI", "No - Synthetic")


def _lifecycle(config: Config) -> list[s3.LifecycleRule]:
    """The expiry rules for Athena's result files, temporary tables and noncurrent versions.

    The CSV exports below the Stage 3 result prefix are kept, because prod/ is copied from them. Maintain
    deletes superseded exports of rejects every night.
    """
    return [
        s3.LifecycleRule(
            id="everywhere",
            noncurrent_version_expiration=Duration.days(config.noncurrent_versions_days),
            abort_incomplete_multipart_upload_after=Duration.days(INCOMPLETE_UPLOAD_DAYS),
            expired_object_delete_marker=True,
        ),
        s3.LifecycleRule(
            id="query-results",
            prefix=f"{lake.prefix('stage1_query_results')}/",
            expiration=Duration.days(config.query_results_days),
            noncurrent_version_expiration=Duration.days(1),
        ),
        *(
            s3.LifecycleRule(
                id=f"superseded-{name.replace('_', '-')}",
                prefix=f"{lake.prefix(name)}/",
                noncurrent_version_expiration=Duration.days(1),
            )
            for name in SUPERSEDED
        ),
        s3.LifecycleRule(
            id="temporary-tables",
            prefix=f"{lake.prefix('dbt_temporary')}/",
            expiration=Duration.days(TEMPORARY_DAYS),
            noncurrent_version_expiration=Duration.days(1),
        ),
        s3.LifecycleRule(
            id="waiting-runs",
            prefix=f"{lake.prefix('pipeline_state')}/waiting/",
            expiration=Duration.days(TEMPORARY_DAYS),
            noncurrent_version_expiration=Duration.days(1),
        ),
        s3.LifecycleRule(
            id="whole-results",
            prefix=f"{lake.prefix('pipeline_state')}/results/",
            expiration=Duration.days(RESULT_DAYS),
        ),
    ]

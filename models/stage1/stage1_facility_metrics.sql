{% set key = ['snapshot_date', 'facility_id'] %}

{{
    config(
        s3_data_dir=lake_location('stage1_tables'),
        unique_key=key,
        delete_condition='src.facility_name is null',
        insert_condition='src.facility_name is not null',
    )
}}

with verdicts as (
    {{
        facility_verdicts(stage=1, columns=[
            'facility_id',
            'facility_name',
            'employee_count',
            'number_of_offered_services',
            'first_valid_until',
        ])
    }}
),

metrics as (
    select
        facility_id,
        facility_name,
        employee_count,
        number_of_offered_services,
        first_valid_until as expiry_date_of_first_accreditation,
        snapshot_date
    from verdicts
    where reject_reason is null
)

{{
    changed_rows('metrics', key, compared=[
        'facility_name',
        'employee_count',
        'number_of_offered_services',
        'expiry_date_of_first_accreditation',
    ])
}}

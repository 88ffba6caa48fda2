{% set key = ['snapshot_date', 'source_file', 'line_hash', 'occurrence'] %}

{{
    config(
        unique_key=key,
        delete_condition='src.stage1_codes is null',
        insert_condition='src.stage1_codes is not null',
        meta={'confined_to_changed_files': true},
    )
}}

with lines as (
    select
        *,
        to_hex(sha256(to_utf8(line))) as line_hash
    from {{ ref('stg_facilities') }}
    where
        {{ in_scope('snapshot_folder', as_text=true) }}
        and {{ in_changed_files('source_file') }}
),

judged_lines as (
    select
        snapshot_date,
        source_file,
        line_hash,
        row_number() over (
            partition by snapshot_date, source_file, line
            order by line_hash
        ) as occurrence,
        case
            when facility_id is not null
                then rank() over (
                    partition by snapshot_date, source_file, facility_id
                    order by line desc
                )
        end as place_in_file,
        facility_id,
        facility_name,
        location.address,
        location.city,
        state,
        location.zip,
        employee_count,
        coalesce(cardinality(services), 0) as number_of_offered_services,
        accreditations,
        first_valid_until,
        is_accredited,
        reported_snapshot_date,
        field_names,
        {{ failing_codes(stage=1) }} as stage1_codes,
        {{ failing_codes(stage=2) }} as stage2_codes,
        {{ failing_codes(stage=3) }} as stage3_codes,
        line as raw_line
    from lines
)

{{
    changed_rows(
        'judged_lines',
        key,
        compared=[
            'stage1_codes',
            'stage2_codes',
            'stage3_codes',
            'place_in_file',
            'facility_id',
            'facility_name',
            'address',
            'city',
            'state',
            'zip',
            'employee_count',
            'number_of_offered_services',
            'first_valid_until',
            'is_accredited',
            'reported_snapshot_date',
        ],
        compared_as_json=['accreditations', 'field_names'],
        carried=['raw_line'],
        confined_to=var('changed_files'),
    )
}}

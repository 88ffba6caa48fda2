{#- render() gives the plain name of a relation even with --empty. Otherwise dbt would write an empty subquery here.
    It has no "$path", and the view would stay empty. -#}
with lines as (
    select
        line,
        "$path" as source_file,
        snapshot_date as snapshot_folder,
        cast(snapshot_date as date) as snapshot_date,
        -- an unclosed string is removed too, so that the expression never backtracks to an escaped quote
        regexp_replace(line, '"[^"\\]*(\\.[^"\\]*)*\\?("|\z)') as text_outside_strings
    from {{ source('bronze', 'facility_lines').render() }}
    where
        regexp_like("$path", '{{ record_file_pattern() }}')
        and {{ has_text('line') }}
),

records as (
    select
        line,
        source_file,
        snapshot_folder,
        snapshot_date,
        {{ parse_record('line', 'text_outside_strings') }} as record
    from lines
),

fields as (
    select
        line,
        source_file,
        snapshot_folder,
        snapshot_date,
        record,
        json_extract_scalar(record, '$.facility_id') as facility_id,
        json_extract_scalar(record, '$.facility_name') as facility_name,
        -- only ASCII digits are cast, because engines read other digits differently
        case
            when regexp_like(json_format(json_extract(record, '$.employee_count')), '\A-?[0-9]{1,18}\z')
                then try_cast(json_extract_scalar(record, '$.employee_count') as bigint)
        end as employee_count,
        json_extract_scalar(record, '$.location.state') as state,
        {{ json_array('record', '$.services') }} as services,
        {{ json_array('record', '$.labs') }} as labs,
        {{ json_array('record', '$.accreditations') }} as accreditations,
        transform(
            {{ json_array('record', '$.accreditations') }},
            accreditation -> {{ real_date("json_extract_scalar(accreditation, '$.valid_until')") }}
        ) as valid_until_dates,
        json_extract_scalar(record, '$.snapshot_date') as reported_snapshot_date
    from records
),

known_states as (
    select state from {{ ref('us_states').render() }}
)

select
    fields.line,
    fields.source_file,
    fields.snapshot_folder,
    fields.snapshot_date,

    -- the fields of the record, with types
    fields.facility_id,
    fields.facility_name,
    fields.employee_count,
    cast(
        row(
            json_extract_scalar(fields.record, '$.location.address'),
            json_extract_scalar(fields.record, '$.location.city'),
            fields.state,
            json_extract_scalar(fields.record, '$.location.zip')
        ) as row (address varchar, city varchar, state varchar, zip varchar)
    ) as location,
    transform(fields.services, service -> json_extract_scalar(service, '$')) as services,
    transform(
        fields.labs,
        lab -> cast(
            row(
                json_extract_scalar(lab, '$.lab_name'),
                transform(
                    {{ json_array('lab', '$.certifications') }},
                    certification -> json_extract_scalar(certification, '$')
                )
            ) as row (lab_name varchar, certifications array(varchar))
        )
    ) as labs,
    transform(
        fields.accreditations,
        accreditation -> cast(
            row(
                json_extract_scalar(accreditation, '$.accreditation_body'),
                json_extract_scalar(accreditation, '$.accreditation_id'),
                {{ real_date("json_extract_scalar(accreditation, '$.valid_until')") }}
            ) as row (accreditation_body varchar, accreditation_id varchar, valid_until date)
        )
    ) as accreditations,
    fields.reported_snapshot_date,
    map_keys(cast(fields.record as map (varchar, json))) as field_names,

    -- what the stages derive from the record
    fields.state,
    element_at(fields.valid_until_dates, 1) as first_valid_until,
    coalesce(
        cardinality(filter(fields.valid_until_dates, valid_until -> valid_until >= fields.snapshot_date)) > 0,
        false
    ) as is_accredited,

    -- one column for each rule of a single line, named after its code; a malformed line fails only malformed_json
    fields.record is null as malformed_json,
    fields.record is not null
    and not coalesce(fields.facility_id like 'FAC%', false) as bad_facility_id,
    fields.record is not null
    and not coalesce(
        json_format(json_extract(fields.record, '$.facility_name')) like '"%'
        and {{ has_text('fields.facility_name') }},
        false
    ) as blank_facility_name,
    fields.record is not null
    and not coalesce(
        regexp_like(json_format(json_extract(fields.record, '$.employee_count')), '\A(-0|[0-9]{1,18})\z'),
        false
    ) as bad_employee_count,
    json_extract(fields.record, '$.services') is not null
    and fields.services is null as bad_services,
    fields.record is not null
    and fields.accreditations is null as missing_accreditations,
    coalesce(cardinality(fields.accreditations) = 0, false) as empty_accreditations,
    coalesce(
        cardinality(filter(fields.valid_until_dates, valid_until -> valid_until is null)) > 0,
        false
    ) as bad_valid_until,
    coalesce(
        cardinality(filter(fields.valid_until_dates, valid_until -> valid_until is null)) > 0
        and cardinality(
            filter(fields.valid_until_dates, valid_until -> valid_until >= fields.snapshot_date)
        ) = 0,
        false
    ) as undecided_accreditation,
    fields.record is not null
    and known_states.state is null as bad_state
from fields
left join known_states
    on fields.state = known_states.state

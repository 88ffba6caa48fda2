"""The rules of Stage 2 in DuckDB's SQL, for the way `duckdb` of `stage2.py`.

TABLES reads the files of a folder and judges them. REJECTS and ROWS query the tables that TABLES creates.
"""

TABLES = r"""
create table texts as
select parse_filename(filename) as name, row_number() over () as n, line
from read_csv(
    '{folder}/*.jsonl*', columns = {{'line': 'varchar'}}, delim = '\x01', quote = '', escape = '',
    header = false, auto_detect = false, new_line = '\n', filename = true, ignore_errors = true,
    store_rejects = true, strict_mode = false
);

create table not_utf8 as
select distinct parse_filename(scans.file_path) as name, errors.line as number
from reject_errors as errors
inner join reject_scans as scans using (scan_id, file_id);

create table judged as
with lines as (
    select name, row_number() over (partition by name order by n) as k, line
    from texts
),

free_numbers as (
    select
        counts.name,
        numbers.number,
        row_number() over (partition by counts.name order by numbers.number) as k
    from (select name, count(*) as lines from lines group by name) as counts
    cross join lateral (
        select unnest(range(1, counts.lines + 1 + (select count(*) from not_utf8))) as number
    ) as numbers
    anti join not_utf8 on not_utf8.name = counts.name and not_utf8.number = numbers.number
),

parsed as (
    select
        name,
        number,
        -- DuckDB takes NaN for JSON
        if(regexp_matches(line, ':\s*NaN'), null, try_cast(line as json)) as value
    from lines
    inner join free_numbers using (name, k)
)

select
    name,
    number,
    if(json_type(value) = 'OBJECT', value, null) as record,
    case when record is null then 'malformed_json' else concat_ws(
        ';',
        if(json_type(record, '$.facility_id') = 'VARCHAR' and record ->> 'facility_id' like 'FAC%',
           null, 'bad_facility_id'),
        if(json_type(record, '$.facility_name') = 'VARCHAR' and trim(record ->> 'facility_name') != '',
           null, 'blank_facility_name'),
        if(json_type(record, '$.employee_count') = 'UBIGINT', null, 'bad_employee_count'),
        if(json_type(record, '$.accreditations') = 'ARRAY', null, 'missing_accreditations'),
        if(json_array_length(record, '$.accreditations') = 0
           and json_type(record, '$.accreditations') = 'ARRAY', 'empty_accreditations', null)
    ) end as reasons
from parsed;

create table accreditations as
with each as (
    select name, number, record, unnest(range(json_array_length(record, '$.accreditations')::bigint)) as place
    from judged
    where reasons = ''
),

dated as (
    select *, json_extract(record, '$.accreditations[' || place || ']') as accreditation
    from each
)

select
    name,
    number,
    place,
    record,
    accreditation,
    if(regexp_full_match(accreditation ->> 'valid_until', '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'),
       try_cast(accreditation ->> 'valid_until' as date), null) as expires
from dated
"""

REJECTS = """
select name, number, reasons from judged where reasons != ''
union all
select name, number, 'malformed_json' from not_utf8
union all
select name, number, 'bad_valid_until' from accreditations where expires is null
"""

ROWS = """
copy (
    select
        record ->> 'facility_id' as facility_id,
        record ->> 'facility_name' as facility_name,
        record ->> '$.location.address' as address,
        record ->> '$.location.city' as city,
        record ->> '$.location.state' as state,
        record ->> '$.location.zip' as zip,
        accreditation ->> 'accreditation_body' as accreditation_body,
        accreditation ->> 'accreditation_id' as accreditation_id,
        strftime(expires, '%Y-%m-%d') as valid_until,
        expires - date '{run_date}' as days_until_expiry,
        '{run_date}' as run_date,
        '{snapshot}' as snapshot_date
    from accreditations
    where expires between date '{run_date}' and date '{last_day}'
    order by
        name, facility_id, facility_name, address, city, state, zip, accreditation_body, accreditation_id,
        valid_until
) to '{target}' (header, delimiter ',', force_quote *)
"""

{#- The lines of the run's dates with the verdict of one stage: every column of stg_facilities, and reject_reason,
    the failing codes in the registry's order, joined with ';', null for a line that counts.
    duplicate_facility is the one rule that compares lines, so it is judged here, among those that fail no other.
    stage: 1 or 3. -#}
{%- macro facility_verdicts(stage) -%}
    {%- set codes = rule_codes(stage) | reject('eq', 'duplicate_facility') | list -%}
    select
        ranked.*,
        case
            when ranked.failed_codes <> '' then ranked.failed_codes
            when ranked.place > 1 then 'duplicate_facility'
        end as reject_reason
    from (
        select
            judged.*,
            row_number() over (
                partition by judged.snapshot_date, judged.facility_id, judged.failed_codes = ''
                order by judged.source_file desc, judged.line desc
            ) as place
        from (
            select
                facilities.*,
                array_join(
                    array[
                        {%- for code in codes %}
                        case when facilities.{{ code }} then '{{ code }}' end{{ ',' if not loop.last }}
                        {%- endfor %}
                    ],
                    ';'
                ) as failed_codes
            from {{ ref('stg_facilities') }} as facilities
            where {{ in_scope('facilities.snapshot_folder', as_text=true) }}
        ) as judged
    ) as ranked
{%- endmacro -%}

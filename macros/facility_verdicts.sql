{#- The rule duplicate_facility compares several lines, so it is evaluated here. This needs neither bronze nor the raw
    lines. -#}
{%- macro facility_verdicts(stage, columns, lines='') -%}
    {%- set codes = 'stage' ~ stage ~ '_codes' -%}
    select
        snapshot_date,
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        case
            when {{ codes }} <> '' then {{ codes }}
            when place > 1 then 'duplicate_facility'
        end as reject_reason
    from (
        select
            snapshot_date,
            {% for column in columns -%}
            {{ column }},
            {% endfor -%}
            {{ codes }},
            row_number() over (
                partition by snapshot_date, facility_id, {{ codes }} = ''
                order by source_file desc, place_in_file asc, occurrence asc
            ) as place
        {% if lines -%}
        from {{ lines }}
        {%- else -%}
        from {{ ref('int_judged_lines') }}
        where {{ in_scope('snapshot_date') }}
        {%- endif %}
    ) as ranked
{%- endmacro -%}

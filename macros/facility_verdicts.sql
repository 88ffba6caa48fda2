{#- A query for the lines of the run's dates with their verdict in one stage: the column reject_reason. It holds the codes of
    the failed rules in the registry's order, joined with ';', and is null for a line that counts. The rule
    duplicate_facility compares several lines, so it is evaluated here, among the lines that fail no other rule. This needs
    neither bronze nor the raw lines.
    stage: 1 or 3. columns: the columns of int_judged_lines that the model needs. lines: the name of a CTE with these columns
    and those that this macro reads; without it, the macro reads int_judged_lines. -#}
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

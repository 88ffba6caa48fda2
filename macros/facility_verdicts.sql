{#- The lines of the run's dates with the verdict of one stage: reject_reason, the failing codes in the registry's order,
    joined with ';', null for a line that counts. duplicate_facility is the one rule that compares lines, so it is judged
    here, among those that fail no other. It needs neither the raw lines nor the files in which they lie.
    stage: 1 or 3. columns: those of int_judged_lines that the model needs. lines: the name of a CTE with these and the
    columns that decide, for a model that reads int_judged_lines itself. -#}
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

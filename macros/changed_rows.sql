{#- The nulls of a tombstone come from the unmatched side of the full join, so they have the columns' types. The models'
    delete_condition and insert_condition test the first compared column, which is never null in other rows. -#}
{%- macro changed_rows(cte, key, compared, compared_as_json=[], carried=[], confined_to=none) -%}
    {%- if compares_with_table() -%}
    select
        {% for column in key -%}
        {{ column }},
        {% endfor -%}
        {% for column in compared + compared_as_json + carried -%}
        new_rows.{{ column }}{{ ',' if not loop.last }}
        {% endfor -%}
    from (
        select {{ (key + compared + compared_as_json) | join(', ') }}
        from {{ this }}
        where
            {{ in_scope('snapshot_date') }}
            {%- if confined_to is not none %}
            and {{ in_files(confined_to, 'source_file') }}
            {%- endif %}
    ) as old_rows
    full outer join {{ cte }} as new_rows using ({{ key | join(', ') }})
    where
        {% for column in compared -%}
        {{ 'or ' if not loop.first }}new_rows.{{ column }} is distinct from old_rows.{{ column }}
        {% endfor -%}
        {% for column in compared_as_json -%}
        or nullif(json_format(cast(new_rows.{{ column }} as json)), '[]')
        is distinct from nullif(json_format(cast(old_rows.{{ column }} as json)), '[]')
        {% endfor -%}
    {%- else -%}
    select * from {{ cte }}
    {%- endif -%}
{%- endmacro -%}

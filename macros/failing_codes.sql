{%- macro failing_codes(stage) -%}
    coalesce(
            array_join(
                array[
                    {%- for code in rule_codes(stage) if code != 'duplicate_facility' %}
                    case when {{ code }} then '{{ code }}' end{{ ',' if not loop.last }}
                    {%- endfor %}
                ],
                ';'
            ),
            ''
        )
{%- endmacro -%}

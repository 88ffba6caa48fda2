{#- A cast alone would also accept ' 2025-1-5' and the year 0. -#}
{%- macro real_date(text) -%}
    case
        when regexp_like({{ text }}, '\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z') and {{ text }} >= '0001'
            then try_cast({{ text }} as date)
    end
{%- endmacro -%}

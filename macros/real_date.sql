{#- The date that a text states as YYYY-MM-DD, or null. A cast alone would also take ' 2025-1-5' and year 0. -#}
{%- macro real_date(text) -%}
    case
        when regexp_like({{ text }}, '\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z') and {{ text }} >= '0001'
            then try_cast({{ text }} as date)
    end
{%- endmacro -%}

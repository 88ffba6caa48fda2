{#- The record of a raw line as JSON, or null for a line that is malformed_json.
    line: the raw line. text_outside_strings: the line with every string taken out.
    json_parse alone would take invalid UTF-8 (it reads U+FFFD) and lone surrogates (they cannot be written),
    would make the string "Infinity" of 1e400, and would end the whole query on deep nesting. -#}
{%- macro parse_record(line, text_outside_strings) -%}
    {%- set deepest = 64 -%}
    case
        when from_utf8(to_utf8({{ line }})) <> {{ line }} then null
        when not regexp_like({{ line }}, '\A[ \t]*\{') then null
        -- escapes other than \u and whole surrogate pairs go; a surrogate that stays is alone
        when
            regexp_like(
                regexp_replace({{ line }}, '\\([^u]|u[dD][89abAB]..\\u[dD][c-fC-F]..)'),
                '\\u[dD][89a-fA-F]'
            ) then null
        when regexp_like({{ text_outside_strings }}, '[0-9]{200}|[eE][+]?[0-9]{3}') then null
        -- what is left of the line are its brackets: balanced, and {{ deepest }} levels deep at most
        when
            not regexp_like(
                regexp_replace(replace(replace({{ text_outside_strings }}, '{', '['), '}', ']'), '[^\[\]]'),
                '\A{{ '(?:\\[' * deepest }}{{ '\\])*' * deepest }}\z'
            ) then null
        else try(json_parse({{ line }}))
    end
{%- endmacro -%}

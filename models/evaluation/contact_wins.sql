{#-
    One window after the other: of all 90 at once, 20 million events had 50 GB written to disk, and ten at a time took
    two and a half times as long.
-#}
{% set others = [] %}
{% for window_days in range(2, 91) %}
{% do others.append('{{ insert_wins(' ~ window_days ~ ') }}') %}
{% endfor %}
{{ config(post_hook=others) }}
-- depends_on: {{ ref('evaluated_steps') }}, {{ ref('score_wins') }}

{{ wins_of_window(1) }}

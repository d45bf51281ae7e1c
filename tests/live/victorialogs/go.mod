module live

go 1.24

require github.com/VictoriaMetrics/VictoriaMetrics v1.121.0

# Farrington (original and flexible, weekly and daily), EARS C1 to C3, Bayes 1 and GLR-NB of the R package surveillance.
# usage: Rscript surveillance.R SERIES.csv FIRST METHOD OUT.csv [POPULATION.csv]
#        (one column per series; a score and an alarm per series and judged time)
suppressMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(arguments[1], check.names = FALSE)
first <- as.integer(arguments[2]); method <- arguments[3]
population <- if (length(arguments) > 4) read.csv(arguments[5], check.names = FALSE) else NULL
range <- first:nrow(table)

flexible <- function(sts) {
  control <- list(range = range, b = 5, w = 3, alpha = 0.01, noPeriods = 10, pastWeeksNotIncluded = 26,
                  trend = TRUE, pThresholdTrend = 1, weightsThreshold = 2.58, thresholdMethod = "nbPlugin",
                  fitFun = "algo.farrington.fitGLM.flexible", warnings = FALSE)
  farrington_result(farringtonFlexible(sts, control))
}
original <- function(sts) {
  control <- list(range = range, b = 5, w = 3, alpha = 0.01, noPeriods = 1, pastWeeksNotIncluded = 3,
                  trend = TRUE, pThresholdTrend = 0.05, weightsThreshold = 1, thresholdMethod = "delta",
                  fitFun = "algo.farrington.fitGLM.flexible", warnings = FALSE)
  farrington_result(farringtonFlexible(sts, control))
}
daily <- function(sts) {
  # a "year" of seven days: the windows of three days to each side join up to the eight weeks before
  control <- list(range = range, b = 8, w = 3, alpha = 0.001, noPeriods = 7, pastWeeksNotIncluded = 7,
                  trend = TRUE, pThresholdTrend = 0.05, weightsThreshold = 2.58, thresholdMethod = "nbPlugin",
                  populationOffset = TRUE, fitFun = "algo.farrington.fitGLM.flexible", warnings = FALSE)
  farrington_result(farringtonFlexible(sts, control))
}
farrington_result <- function(done) {
  # its own exceedance score puts the expectation on the log scale into it with nbPlugin (1.20.3); its p-value is right
  list(score = -log10(pmax(as.numeric(done@control$pvalue), 1e-300)), alarm = as.integer(alarms(done)))
}
ears <- function(sts, kind) {
  limit <- function(alpha) as.numeric(upperbound(earsC(sts, list(range = range, method = kind, alpha = alpha))))
  alpha <- if (kind == "C3") 0.025 else 0.001
  strict <- limit(alpha); loose <- limit(0.3)
  # limits are centre + z(alpha) * deviation, so two of them give both
  deviation <- (strict - loose) / (qnorm(1 - alpha) - qnorm(0.7))
  centre <- strict - qnorm(1 - alpha) * deviation
  seen <- as.numeric(observed(sts))[range]
  list(score = (seen - centre) / pmax(deviation, 1e-9), alarm = as.integer(seen > strict))
}
glr <- function(sts) {
  control <- list(range = range, mu0 = list(S = 1, trend = TRUE), c.ARL = 5, dir = "inc", ret = "value")
  done <- glrnb(sts, control)
  list(score = as.numeric(upperbound(done)), alarm = as.integer(alarms(done)))
}
bayes1 <- function(sts) {
  done <- bayes(sts, list(range = range, b = 0, w = 6, actY = TRUE, alpha = 0.05))
  seen <- as.numeric(observed(sts))
  # the posterior predictive that its limit is read from: six weeks before, Jeffreys' prior
  chance <- sapply(range, function(t) {
    past <- seen[(t - 6):(t - 1)]
    pnbinom(seen[t] - 1, sum(past) + 0.5, 6 / 7, lower.tail = FALSE)
  })
  list(score = -log10(pmax(chance, 1e-300)), alarm = as.integer(alarms(done)))
}
run <- list(bayes = bayes1, farrington = original, flexible = flexible, daily = daily, glrnb = glr,
            c1 = function(s) ears(s, "C1"), c2 = function(s) ears(s, "C2"), c3 = function(s) ears(s, "C3"))[[method]]
result <- lapply(names(table), function(name) {
  orders <- if (is.null(population)) NULL else matrix(pmax(population[[name]], 1))
  times <- if (method == "daily") 7 else 52
  sts <- sts(observed = matrix(table[[name]]), population = orders, start = c(2000, 1), frequency = times)
  nothing <- list(score = rep(NA, length(range)), alarm = rep(NA, length(range)))
  done <- tryCatch(suppressWarnings(run(sts)), error = function(e) nothing)
  data.frame(series = name, week = range, score = done$score, alarm = done$alarm)
})
write.csv(do.call(rbind, result), arguments[4], row.names = FALSE)

package io.tidemark.launcher;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;

/** The meters of a process: those of Vert.x, of the JVM, and of the pipeline, in one registry. */
public final class Metrics {

  private Metrics() {}

  /** A registry that can be shown as Prometheus text. */
  public static PrometheusMeterRegistry registry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  /** Makes a Vert.x instance register its meters, and those of the JVM, in {@code registry}. */
  public static VertxBuilder into(
      VertxBuilder vertx, VertxOptions options, PrometheusMeterRegistry registry) {
    return vertx
        .with(options.setMetricsOptions(options()))
        .withMetrics(new MicrometerMetricsFactory(registry));
  }

  /** No label whose values are many, like the address of the event bus or the path of a request. */
  private static MicrometerMetricsOptions options() {
    return new MicrometerMetricsOptions()
        .setEnabled(true)
        .setJvmMetricsEnabled(true)
        .setLabels(
            EnumSet.of(
                Label.EB_SIDE,
                Label.HTTP_METHOD,
                Label.HTTP_CODE,
                Label.POOL_TYPE,
                Label.POOL_NAME));
  }
}

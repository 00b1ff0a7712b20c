package io.tidemark.launcher.cli;

import io.tidemark.location.RealEnvironment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A terminal whose input is given and whose output is kept. */
public final class CapturedTerminal {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final InputStream in;

  public CapturedTerminal(InputStream in) {
    this.in = in;
  }

  public static CapturedTerminal withInput(String text) {
    return new CapturedTerminal(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  public Terminal terminal() {
    return new Terminal(
        in,
        out,
        new PrintStream(err, true, StandardCharsets.UTF_8),
        false,
        RealEnvironment.CLOCK,
        CapturedTerminal::pause);
  }

  public static void pause(long millis) throws InterruptedException {
    boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }

  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}

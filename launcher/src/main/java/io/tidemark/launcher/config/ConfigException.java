package io.tidemark.launcher.config;

/** The configuration cannot be used. The message is one line that says what to change. */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message, null, false, false);
  }
}

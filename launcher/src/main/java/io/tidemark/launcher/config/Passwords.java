package io.tidemark.launcher.config;

import java.util.regex.Pattern;

/** Passwords within URIs, which nobody may read in a log or an error. */
public final class Passwords {

  /** What is between a user's name and the last at sign. */
  private static final Pattern IN_URI = Pattern.compile("(://[^/@:\\s]*:)\\S*@");

  private Passwords() {}

  /** The same text, without the password that it may hold. */
  public static String hidden(String uri) {
    return IN_URI.matcher(uri).replaceAll("$1***@");
  }
}

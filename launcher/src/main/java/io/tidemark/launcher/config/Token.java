package io.tidemark.launcher.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.regex.Pattern;

/** A secret that who sends it along is let in for. It is shown by no {@code toString}. */
public final class Token {

  /** Fits into a header with room to spare; 43 characters are 256 bits. */
  public static final int MAX_CHARACTERS = 1024;

  /** What a bearer token may be made of: RFC 6750. */
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private final String text;

  private Token(String text) {
    this.text = text;
  }

  /**
   * A token.
   *
   * @param from where it is from, for the message
   * @throws ConfigException if a header cannot carry it
   */
  public static Token of(String text, String from) {
    if (text.length() > MAX_CHARACTERS || !FORM.matcher(text).matches()) {
      throw new ConfigException(
          from
              + " has no token: that is 1 to "
              + MAX_CHARACTERS
              + " letters, digits and any of -._~+/, and may end in =");
    }
    return new Token(text);
  }

  /**
   * The first line of a file. Blocks.
   *
   * @throws ConfigException if it cannot be read, or is no token
   */
  public static Token ofFile(Path file) {
    char[] start = new char[MAX_CHARACTERS + 2];
    int length = 0;
    try (Reader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.ISO_8859_1))) {
      int read = 0;
      while (read >= 0 && length < start.length) {
        read = reader.read(start, length, start.length - length);
        length += Math.max(0, read);
      }
    } catch (IOException e) {
      throw new ConfigException(
          "cannot read the token file '" + file + "': " + e.getClass().getSimpleName());
    }
    String firstLine = new String(start, 0, length).lines().findFirst().orElse("");
    return of(firstLine.strip(), "the first line of '" + file + "'");
  }

  /** The value of the header {@code Authorization} that shows it. */
  public String authorization() {
    return "Bearer " + text;
  }

  /** Whether the two are the same; how long that takes says nothing of the token. */
  public boolean matches(String candidate) {
    return MessageDigest.isEqual(
        text.getBytes(StandardCharsets.UTF_8), candidate.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "Token[hidden]";
  }
}

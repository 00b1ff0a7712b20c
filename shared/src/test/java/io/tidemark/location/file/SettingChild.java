package io.tidemark.location.file;

import io.tidemark.location.Await;
import io.tidemark.location.ChildJvm;
import io.tidemark.location.RealEnvironment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/**
 * A process that sets and deletes objects as fast as it can, and says what it is about to do and
 * what is done: of keys of its own, and of some that others set as well.
 */
final class SettingChild {

  private static final int CHECKSUM_DIGITS = 8;

  private SettingChild() {}

  /** Arguments: the folder, a name, a seed. */
  public static void main(String[] arguments) {
    ChildJvm.endWithInput();
    String name = arguments[1];
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[2]));
    FileBlob blob =
        FileBlob.open(
            Path.of(arguments[0]),
            FileBlobFaultTest::atOnce,
            RealEnvironment.ENTROPY,
            RealEnvironment.CLOCK);
    for (int i = 0; ; i++) {
      String own = "s/" + name + "/p" + random.nextInt(4);
      if (random.nextInt(3) == 0) {
        System.out.println("deleting " + own + " none");
        Await.result(blob.delete(own));
        System.out.println("deleted " + own + " none");
        Await.result(blob.delete(shared(random)));
      } else {
        System.out.println("setting " + own + " " + i);
        Await.result(blob.set(own, value(i, random.nextInt(200_000))));
        System.out.println("set " + own + " " + i);
        Await.result(blob.set(shared(random), value(i, random.nextInt(200_000))));
      }
    }
  }

  /** A key that every process sets and deletes. */
  static String shared(SplittableRandom random) {
    return "s/shared/p" + random.nextInt(2);
  }

  /** A value from which it can be seen whether it is whole. */
  static byte[] value(int number, int length) {
    String text = number + ":" + "x".repeat(length);
    return (text + checksum(text)).getBytes(StandardCharsets.US_ASCII);
  }

  /** The number in a value, which must be whole. */
  static String number(byte[] value) {
    String all = new String(value, StandardCharsets.US_ASCII);
    String text = all.substring(0, Math.max(0, all.length() - CHECKSUM_DIGITS));
    if (!all.equals(text + checksum(text))) {
      throw new AssertionError("an object of " + value.length + " bytes is not whole");
    }
    return text.substring(0, text.indexOf(':'));
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return String.format("%08x", crc.getValue());
  }
}

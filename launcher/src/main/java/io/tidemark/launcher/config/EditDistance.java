package io.tidemark.launcher.config;

/** How far apart two words are, in letters to insert, delete or replace. */
final class EditDistance {

  private EditDistance() {}

  static int of(String a, String b) {
    int[] before = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(row[j - 1], before[j]));
      }
      before = row;
    }
    return before[b.length()];
  }
}

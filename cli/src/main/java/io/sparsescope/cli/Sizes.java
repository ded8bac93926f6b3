package io.sparsescope.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes such as 512m or 2g as bytes. */
final class Sizes implements ITypeConverter<Long> {

  @Override
  public Long convert(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9]{1,12}[kmg]?")) {
      throw new TypeConversionException("'" + text + "' is no size: give one such as 512m or 2g");
    }
    int shift = 10 * ("kmg".indexOf(lower.charAt(lower.length() - 1)) + 1);
    long number = Long.parseLong(shift == 0 ? lower : lower.substring(0, lower.length() - 1));
    if (number == 0 || number > Long.MAX_VALUE >> shift) {
      throw new TypeConversionException("'" + text + "' is no size: give one such as 512m or 2g");
    }
    return number << shift;
  }
}

"""Makes the image files here and what PIL makes of them. Run in this folder; needs numpy and PIL."""
import random

import numpy as np
from PIL import Image, ImageOps, __version__

print("PIL", __version__)
random.seed(7)


def planes(name, image):
    """Saves an image as channels, height, width."""
    array = np.asarray(image)
    array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
    np.save(name + ".npy", np.ascontiguousarray(array.astype(np.uint8)))


width, height = 37, 23
noise = Image.new("RGB", (width, height))
noise.putdata([tuple(random.randrange(256) for _ in range(3)) for _ in range(width * height)])
noise.save("noise.png")
planes("noise", noise)
for w, h in ((16, 16), (50, 60), (10, 40), (37, 10), (9, 23), (1, 1)):
    planes(f"noise-{w}x{h}", noise.resize((w, h), Image.BILINEAR))
planes("noise-grey", noise.convert("L"))
# The shorter side to 12: 12 * 37 / 23, rounded down. The middle as torchvision takes it.
shorter = noise.resize((int(12 * width / height), 12), Image.BILINEAR)
planes("noise-12", shorter)
left, top = int(round((shorter.width - 10) / 2.0)), int(round((shorter.height - 7) / 2.0))
planes("noise-12-10x7", shorter.crop((left, top, left + 10, top + 7)))

smooth = Image.new("RGB", (width, height))
smooth.putdata(
    [(x * 6, y * 10, (x + y) * 4) for y in range(height) for x in range(width)])
smooth.save("smooth.bmp")
planes("smooth", smooth)
smooth.save("smooth.jpg", quality=95)
planes("smooth-jpg", Image.open("smooth.jpg").convert("RGB"))
smooth.save("progressive.jpg", quality=95, progressive=True)
planes("progressive-jpg", Image.open("progressive.jpg").convert("RGB"))
smooth.convert("L").save("grey.png")
smooth.convert("L").save("grey.jpg", quality=95)
planes("grey", smooth.convert("L"))
planes("grey-jpg", Image.open("grey.jpg"))
smooth.quantize(16).save("palette.gif")
smooth.quantize(16).save("palette.png")
planes("palette", Image.open("palette.png").convert("RGB"))
alpha = smooth.convert("RGBA")
alpha.putalpha(Image.linear_gradient("L").resize((width, height)))
alpha.save("alpha.png")
planes("alpha", Image.open("alpha.png").convert("RGB"))
smooth.convert("CMYK").save("cmyk.jpg")
exif = Image.Exif()
for orientation in range(1, 9):
    exif[0x0112] = orientation
    smooth.save(f"exif{orientation}.jpg", quality=95, exif=exif)
    planes(f"exif{orientation}", ImageOps.exif_transpose(Image.open(f"exif{orientation}.jpg")))

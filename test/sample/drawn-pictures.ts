import sharp from 'sharp';

/** A JPEG file of 1600 × 1200 pixels: hills beneath a sky of that hue. */
export async function drawnPicture(name: string, hue: number): Promise<{ name: string; buffer: Buffer }> {
  const hill = (y: number, lightness: number) =>
    `<path d="M0 ${y} C 400 ${y - 260}, 700 ${y + 120}, 1000 ${y - 60} S 1400 ${y - 200}, 1600 ${y} V1200 H0Z" fill="hsl(${hue + 150} 35% ${lightness}%)"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200">
  <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 70% 45%)"/><stop offset="1" stop-color="hsl(${hue + 40} 85% 80%)"/></linearGradient></defs>
  <rect width="1600" height="1200" fill="url(#sky)"/><circle cx="${400 + 3 * hue}" cy="330" r="110" fill="#fff8e1"/>
  ${hill(760, 38)}${hill(900, 28)}${hill(1050, 18)}</svg>`;
  return { name, buffer: await sharp(Buffer.from(svg)).jpeg().toBuffer() };
}

/** A text and a binary message of each size, which compression makes much smaller. */
export function payloads(sizes) {
  return sizes.flatMap((size) => {
    const words = [];
    for (let i = 0, length = 0; length < size; i++) {
      words.push(`${(i * 7919) % 997} is ${i % 13};`);
      length += words.at(-1).length;
    }
    const text = words.join('').slice(0, size);
    return [text, Buffer.from(text)];
  });
}

import { type Address, isAddress } from 'viem';
import { z } from 'zod';

/** An address as a deployment writes it; where it has a checksum, the checksum is right. */
export const addressSchema = z
  .string()
  .refine((text) => isAddress(text), 'is not an address, or its checksum is wrong')
  .transform((text) => text as Address);

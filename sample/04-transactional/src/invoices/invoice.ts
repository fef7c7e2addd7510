import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('sample_invoices')
export class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('int')
  orderId!: number;

  @Column('varchar', { length: 100 })
  customer!: string;

  /** At which attempt of the job it was written. */
  @Column('int')
  attempt!: number;
}

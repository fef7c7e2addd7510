import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A report and how far it is: what the worker writes here, the web process reads. */
@Entity('reports')
export class Report {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  reader!: string;

  @Column('integer')
  pages!: number;

  @Column('integer', { default: 0 })
  written!: number;

  @Column('varchar', { nullable: true })
  text!: string | null;
}
